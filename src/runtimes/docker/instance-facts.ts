import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { InstanceFacts } from '../runtime';
import { askFor } from './errors';
import { isOf } from './listening';

/** As `Runtime.facts`. */
export async function instanceFacts(docker: Docker, name: string): Promise<InstanceFacts> {
  const container = docker.getContainer(name);
  const [found, used] = await Promise.all([askFor(() => container.inspect()), memoryOf(container)]);
  if (!found) return {};
  const { Memory: limit, MemoryReservation: reserved } = found.HostConfig;
  const handles = await handledBy(found.State.Pid, found.Id);
  return {
    ...(used && { used }),
    ...(limit && { limit }),
    ...(reserved && { reserved }),
    ...(handles && { handles }),
  };
}

interface Stats {
  memory_stats?: { usage?: number; stats?: { inactive_file?: number; total_inactive_file?: number } };
}

/** Bytes in use as `docker stats` counts them. An older engine would wait a second for a second look. */
async function memoryOf(container: Docker.Container): Promise<number | undefined> {
  const options = { stream: false, 'one-shot': true } as { stream: false };
  const { memory_stats: memory } = ((await askFor(() => container.stats(options))) ?? {}) as Stats;
  const { inactive_file: own = 0, total_inactive_file: all = own } = memory?.stats ?? {};
  return memory?.usage === undefined ? undefined : Math.max(0, memory.usage - all);
}

/** Signals that a container's first process handles; undefined if it cannot be seen. */
async function handledBy(pid: number, id: string): Promise<number[] | undefined> {
  if (!pid || !(await isOf(pid, id))) return undefined;
  const [status, wait] = await Promise.all([read(pid, 'status'), read(pid, 'wchan')]);
  // While it waits for signals themselves, as `tini` does, the kernel shows none of them.
  return !status || ['', '0'].includes(wait) || wait.includes('sigtimedwait') ? undefined : handledIn(status);
}

const read = (pid: number, name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');

/**
 * Signals that a process handles, or blocks to read them. Undefined for a process that is not the first of its
 * container: it ends by signals that it does not handle. Pure. Source of the format: proc(5), /proc/pid/status.
 */
export function handledIn(status: string): number[] | undefined {
  const valueOf = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
  const ids = valueOf('NSpid')?.trim().split(/\s+/) ?? [];
  if (ids.length < 2 || ids.at(-1) !== '1') return undefined;
  const [caught, blocked] = ['SigCgt', 'SigBlk'].map((name) => BigInt(`0x${valueOf(name)?.trim() || '0'}`));
  const mask = caught! | blocked!;
  return Array.from({ length: 64 }, (_, index) => index + 1).filter((one) => (mask >> BigInt(one - 1)) & 1n);
}
