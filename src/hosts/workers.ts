import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { listFolder, readText, removeFile } from './file';
import { fileFormat, peekFile } from './format';
import { hostPaths } from './home';
import { writeJson } from './json-file';

/** A running worker's note for commands on its machine. */
const WorkerNote = z.object({
  format: z.literal(1),
  pid: z.number().int(),
  /** Start of the process in the kernel's ticks: with the pid it names one process for good. */
  began: z.string(),
  /** Temporal's address as host:port, and its namespace. */
  address: z.string(),
  namespace: z.string(),
  /** Folders in which the worker finds platforms. */
  specs: z.array(z.string()),
  /** Address of the engine, as `docker context` writes it; absent in notes of earlier versions. */
  engine: z.string().optional(),
  /** Name of the host; absent in notes of earlier versions. */
  host: z.string().optional(),
});
export type WorkerNote = z.infer<typeof WorkerNote>;
const noteFile = fileFormat(WorkerNote);

type WorkerFacts = Omit<WorkerNote, 'format' | 'pid' | 'began'>;

/** Writes the note of this worker, and returns the function that removes it. Notes of killed workers are removed. */
export async function noteWorker(home: string, said: WorkerFacts): Promise<() => Promise<void>> {
  const { pid } = process;
  const running = await workersHere(home);
  const stale = (await notes(home)).filter((one) => !running.some((other) => other.pid === one.pid));
  for (const one of stale) await removeFile(fileOf(home, one.pid));
  await writeJson(fileOf(home, pid), { format: 1, pid, began: beganAt(pid), ...said });
  return () => removeFile(fileOf(home, pid));
}

/** Returns the running workers of this home. */
export async function workersHere(home: string): Promise<WorkerNote[]> {
  return (await notes(home)).filter(({ pid, began }) => beganAt(pid) === began);
}

async function notes(home: string): Promise<WorkerNote[]> {
  const { workers } = hostPaths(home);
  const names = (await listFolder(workers)).filter((name) => /^\d+\.json$/.test(name));
  const texts = await Promise.all(names.map((name) => readText(join(workers, name))));
  return texts.flatMap((text) => peekFile(text, noteFile) ?? []);
}

const fileOf = (home: string, pid: number): string => join(hostPaths(home).workers, `${pid}.json`);

/** Returns when a living process began, in ticks since the machine started; undefined for an ended one. */
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
