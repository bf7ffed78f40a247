import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { BelayError } from '../errors';
import { errnoOf, readText, writeAtomic } from './file';
import { type FileFormat, newerFile, parseFile } from './format';
import { writing } from './on-disk';

/**
 * Returns a JSON file of the host in its latest format, or undefined if there is none. A torn or invalid file is
 * renamed beside itself, and `ledger-damaged` says so. The next run finds no file, and goes by what runs on the host. A
 * file of a newer format stays in place, and throws `ledger-newer`: the version that wrote it can use it.
 */
export async function readJson<T>(path: string, format: FileFormat<T>): Promise<T | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const parsed = parseFile(text, format);
  if ('value' in parsed) return parsed.value;
  if ('newer' in parsed) throw newerFile(path, parsed.newer, format);
  throw await setAside(path, parsed.problem);
}

/** Replaces the file atomically, for its owner only (0600). */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeAtomic({ path, data: `${JSON.stringify(value, null, 2)}\n` });
}

async function setAside(path: string, problem: string): Promise<BelayError> {
  const aside = `${path}.set-aside-${new Date().toISOString().replace(/[-:.]/g, '')}`;
  await writing(path, () => rename(path, aside)).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error; // Another reader renamed the file first.
  });
  return new BelayError(
    'ledger-damaged',
    `${path} cannot be used: ${problem}; it was set aside as ${basename(aside)}`,
    {
      hint: 'run again: Belay then starts from the running instances; inspect or delete the file that was set aside',
    },
  );
}
