import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/**
 * Returns the bytes of memory that the control group of a process uses, without the file cache that the kernel can drop
 * at once. Undefined if this process cannot see the group.
 */
export async function memoryOfGroup(pid: number): Promise<number | undefined> {
  const group = groupIn(await read(`/proc/${pid}/cgroup`));
  if (!group) return undefined;
  const [used, stat] = await Promise.all([
    read(join(group.folder, group.usage)),
    read(join(group.folder, 'memory.stat')),
  ]);
  if (used.trim() === '') return undefined;
  const cache = new RegExp(`^${group.cache} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0;
  return Math.max(0, Number(used) - Number(cache));
}

interface Group {
  folder: string;
  /** The file with the bytes in use. */
  usage: string;
  /** The name of the droppable cache in `memory.stat`. */
  cache: string;
}

/** The group by `/proc/<pid>/cgroup`; undefined if it has none for memory. Pure. Source of the format: cgroups(7). */
export function groupIn(text: string): Group | undefined {
  const lines = text.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const first = lines.find((line) => line?.[1]?.split(',').includes('memory'));
  if (first)
    return { folder: join(root, 'memory', first[2]!), usage: 'memory.usage_in_bytes', cache: 'total_inactive_file' };
  const second = lines.find((line) => line?.[1] === '');
  return second ? { folder: join(root, second[2]!), usage: 'memory.current', cache: 'inactive_file' } : undefined;
}

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
