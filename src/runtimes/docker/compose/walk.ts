import { isSet } from './defined';

/** An attribute that a file sets: its row's path, and its place. */
export interface SetAttribute {
  /** The path in the table: `networks.*.aliases`. */
  row: string;
  /** The path in the file: `['networks', 'back', 'aliases']`. */
  at: string[];
  value: unknown;
  /** The list item that contains it. */
  item?: unknown;
  /** True if the table has the row. */
  known: boolean;
}

/**
 * Every attribute that is set, down to the rows of the table. Extension members (`x-`), which Compose does not read,
 * are left out.
 */
export function setAttributes(value: object, rows: object): SetAttribute[] {
  return members(value, { row: '', at: [], rows });
}

interface Place {
  row: string;
  at: string[];
  rows: object;
  item?: unknown;
}

function members(value: object, { row, at, rows, item }: Place): SetAttribute[] {
  const prefix = row === '' ? '' : `${row}.`;
  const star = hasBelow(rows, `${prefix}*`);
  return Object.entries(value)
    .filter(([key, member]) => isSet(member) && !key.startsWith('x-'))
    .flatMap(([key, member]) => visit(member, { row: `${prefix}${star ? '*' : key}`, at: [...at, key], rows, item }));
}

function visit(value: unknown, place: Place): SetAttribute[] {
  const { row, at, rows, item } = place;
  if (row in rows) return [{ row, at, value, item, known: true }];
  if (typeof value !== 'object' || value === null || !hasBelow(rows, row)) return [{ row, at, value, known: false }];
  if (!Array.isArray(value)) return members(value, place);
  return value.flatMap((one, index) => visit(one, { row, at: named(at, one, index), rows, item: one }));
}

const hasBelow = (rows: object, row: string) => Object.keys(rows).some((path) => path.startsWith(`${row}.`));

/** The path of a list item, by its distinguishing member. */
function named(at: string[], item: unknown, index: number): string[] {
  const { target, source } = (item ?? {}) as { target?: string; source?: string };
  return [...at.slice(0, -1), `${at.at(-1)}[${target ?? source ?? index}]`];
}
