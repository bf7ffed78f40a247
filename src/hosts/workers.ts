import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder, readText, removeFile } from './file';
import { hostPaths } from './home';
import { writeJson } from './json-file';

/** What a worker that runs says of itself, for commands on its machine. */
export interface WorkerNote {
  pid: number;
  /** When the process began, in the kernel's ticks: with the pid it names one process for ever. */
  began: string;
  /** Of Temporal: host:port, and its namespace. */
  address: string;
  namespace: string;
  /** Folders in which it looks up platforms. */
  specs: string[];
  /** Where its engine is, as `docker context` writes it; absent in notes of earlier versions. */
  engine?: string;
}

type Said = Omit<WorkerNote, 'pid' | 'began'>;

/** Notes that this process is a worker; answers how to take that back. Notes of those that were killed go. */
export async function noteWorker(home: string, said: Said): Promise<() => Promise<void>> {
  const { pid } = process;
  const running = await workersHere(home);
  const stale = (await notes(home)).filter((one) => !running.some((other) => other.pid === one.pid));
  for (const one of stale) await removeFile(fileOf(home, one.pid));
  await writeJson(fileOf(home, pid), { pid, began: beganAt(pid), ...said });
  return () => removeFile(fileOf(home, pid));
}

/** Workers of this home that run now. */
export async function workersHere(home: string): Promise<WorkerNote[]> {
  return (await notes(home)).filter(({ pid, began }) => beganAt(pid) === began);
}

async function notes(home: string): Promise<WorkerNote[]> {
  const { workers } = hostPaths(home);
  const names = (await listFolder(workers)).filter((name) => /^\d+\.json$/.test(name));
  const texts = await Promise.all(names.map((name) => readText(join(workers, name))));
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as WorkerNote]));
}

const fileOf = (home: string, pid: number): string => join(hostPaths(home).workers, `${pid}.json`);

/** When a living process began, in ticks since the machine did; undefined for one that is gone. */
export function beganAt(pid: number): string | undefined {
  try {
    // The second field is a name in parentheses that may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
