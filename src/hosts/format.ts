import { z } from 'zod';
import { BelayError } from '../errors';

type Fields = Record<string, unknown>;

/** Makes of a file's fields those of the next format; their number is written for it. */
export type Upgrade = (fields: Fields) => Fields;

/** A kind of file that Belay keeps on a host. */
export interface FileFormat<T> {
  /** Of the latest format. */
  schema: z.ZodType<T>;
  /** The first leads from format 1 to 2, the second from 2 to 3. The latest format is one more than there are. */
  upgrades: Upgrade[];
}

/** A change that an earlier Belay could not read needs one more upgrade, and a folder of files as they were in the tests. */
export const fileFormat = <T>(schema: z.ZodType<T>, ...upgrades: Upgrade[]): FileFormat<T> => ({ schema, upgrades });

/** A list of names. It has no place for a number, so it is of format 1. */
export const namesFile = fileFormat(z.array(z.string()));

/** What a file holds, in the latest format. `newer`: the format of a later Belay. A file without a number is of format 1. */
export type Parsed<T> = { value: T } | { problem: string } | { newer: number };

/** Pure. What is wrong is told without the parser's own words: they quote the file, and the file may hold secrets. */
export function parseFile<T>(text: string, { schema, upgrades }: FileFormat<T>): Parsed<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: 'it is not whole JSON' };
  }
  const format = formatOf(json);
  if (format > upgrades.length + 1) return { newer: format };
  const latest = isFields(json) ? upgraded({ ...json, format }, upgrades.slice(format - 1)) : json;
  const result = schema.safeParse(latest);
  if (result.success) return { value: result.data };
  return { problem: `${result.error.issues[0]?.path.join('.') || 'its whole'} is not what it should be` };
}

/** For a look at what another has written: what cannot be used counts as none. Pure. */
export function peekFile<T>(text: string | undefined, format: FileFormat<T>): T | undefined {
  const parsed = text === undefined ? undefined : parseFile(text, format);
  return parsed && 'value' in parsed ? parsed.value : undefined;
}

export const newerFile = <T>(path: string, newer: number, { upgrades }: FileFormat<T>): BelayError =>
  new BelayError(
    'ledger-newer',
    `${path} was written by a newer Belay (format ${newer}); this one knows up to ${upgrades.length + 1}`,
    { hint: 'upgrade the worker and the command on this host to that version, or a later one: belay --version' },
  );

/** Nothing where an upgrade finds the fields otherwise than its format has them. */
function upgraded(fields: Fields, upgrades: Upgrade[]): Fields | undefined {
  try {
    return upgrades.reduce((before, upgrade) => ({ ...upgrade(before), format: Number(before.format) + 1 }), fields);
  } catch {
    return undefined;
  }
}

function formatOf(json: unknown): number {
  const format = isFields(json) ? json.format : undefined;
  return Number.isInteger(format) && Number(format) > 0 ? Number(format) : 1;
}

const isFields = (json: unknown): json is Fields => typeof json === 'object' && json !== null && !Array.isArray(json);
