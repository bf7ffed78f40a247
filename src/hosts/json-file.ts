import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import type { z } from 'zod';
import { BelayError } from '../errors';
import { errnoOf, readText, writeAtomic } from './file';
import { writing } from './on-disk';

/**
 * A JSON file of the host, or undefined where there is none. One that is torn, or not of this schema, is renamed beside
 * itself, and `ledger-damaged` says so: the next run finds no file, and goes by what runs on the host. One of a later
 * format stays where it is, and throws `ledger-newer`: it is whole, for the version that wrote it.
 */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const read = parse(text, schema);
  if ('value' in read) return read.value;
  if (read.newer !== undefined) throw newer(path, read.newer);
  throw await setAside(path, read.problem);
}

/** Replaces the file in one move, for its owner only (0600). */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeAtomic({ path, data: `${JSON.stringify(value, null, 2)}\n` });
}

/** What is wrong is told without the parser's own words: they quote the file, and the file may hold secrets. */
function parse<T>(text: string, schema: z.ZodType<T>): { value: T } | { problem: string; newer?: number } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: 'it is not whole JSON' };
  }
  const result = schema.safeParse(json);
  if (result.success) return { value: result.data };
  const where = result.error.issues[0]?.path.join('.') || 'its whole';
  const { format } = (json ?? {}) as { format?: unknown };
  const isNewer = typeof format === 'number' && format > ownFormat;
  return { problem: `${where} is not what it should be`, newer: isNewer ? format : undefined };
}

/** Of every file on the host. */
const ownFormat = 1;

const newer = (path: string, format: number): BelayError =>
  new BelayError('ledger-newer', `${path} was written by a later version of Belay: its format is ${format}`, {
    hint: 'use that version, or a later one, on this host: belay --version',
  });

async function setAside(path: string, problem: string): Promise<BelayError> {
  const aside = `${path}.set-aside-${new Date().toISOString().replace(/[-:.]/g, '')}`;
  await writing(path, () => rename(path, aside)).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error; // Another reader was first.
  });
  return new BelayError(
    'ledger-damaged',
    `${path} cannot be used: ${problem}; it was set aside as ${basename(aside)}`,
    {
      hint: 'run again: Belay then goes by what runs on the host; the file that was set aside is yours to look at, or to delete',
    },
  );
}
