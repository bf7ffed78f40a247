import { z } from 'zod';
import { BelayError } from '../errors';

type Fields = Record<string, unknown>;

/** Converts a file's fields to the next format; the caller writes the format number. */
export type Upgrade = (fields: Fields) => Fields;

/** A kind of file that Belay keeps on a host. */
export interface FileFormat<T> {
  /** Schema of the latest format. */
  schema: z.ZodType<T>;
  /**
   * Steps up from each format: the first leads from 1 to 2, the second from 2 to 3. The latest format is their count
   * plus one.
   */
  upgrades: Upgrade[];
}

/**
 * Declares a file format. A change that an earlier Belay cannot read needs one more upgrade. It also needs a ledger
 * folder of the old format in the tests.
 */
export const fileFormat = <T>(schema: z.ZodType<T>, ...upgrades: Upgrade[]): FileFormat<T> => ({ schema, upgrades });

/** A list of names. The file has no place for a number, so it is of format 1. */
export const namesFile = fileFormat(z.array(z.string()));

/**
 * The content of a file in the latest format. `newer` is the format of a later Belay. A file without a number is of
 * format 1.
 */
export type Parsed<T> = { value: T } | { problem: string } | { newer: number };

/**
 * Parses a file. Pure. Problems are told without the parser's own words: they quote the file, which may hold secrets.
 */
export function parseFile<T>(text: string, { schema, upgrades }: FileFormat<T>): Parsed<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: 'it is not complete JSON' };
  }
  const format = formatOf(json);
  if (format > upgrades.length + 1) return { newer: format };
  const latest = isFields(json) ? upgraded({ ...json, format }, upgrades.slice(format - 1)) : json;
  const result = schema.safeParse(latest);
  if (result.success) return { value: result.data };
  return { problem: `${result.error.issues[0]?.path.join('.') || 'its whole'} is not what it should be` };
}

/** Returns the content of a file that another process wrote, or undefined if it cannot be used. Pure. */
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
