import {
  type Addition,
  type Entry,
  type Format,
  type KeyPath,
  type NewValue,
  type Reading,
  type Splice,
  textOf,
} from '../format';
import { insertLines, lineStart, nextLine, removeLines } from '../lines';
import { inlineAddition, inlineRemoval } from './inline';
import { parse, stringify, TomlError } from './toml-parser';
import { scanToml, type TomlTable } from './toml-scan';

/** TOML. Lists of tables are left alone. */
export const toml: Format = {
  kind: 'toml',
  flat: false,
  read,
  set: (_, { written }, to) => [{ ...written, text: valueText(to) }],
  add: (text, addition) => [add(text, addition)],
  rename: (_, { name }, other) => [{ ...name, text: nameText(other) }],
  remove: (text, entry) => [remove(text, entry)],
};

function read(text: string): Reading {
  try {
    const data = parse(text);
    const { keys, names } = scanToml(text);
    const entries = keys.map(({ path, name, value }) => ({ path, value: valueAt(data, path), name, written: value }));
    return { entries, names };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return { entries: [], names: [], problem: { line: error.line, message: 'is not TOML' } };
  }
}

const valueAt = (data: unknown, path: KeyPath): unknown =>
  path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], data);

const valueText = ({ value, like }: NewValue): string =>
  like ? textOf(like.text, like.entry.written) : stringify({ _: value }).replace(/^_ = /, '').trimEnd();

const nameText = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name));

function add(text: string, { path, value, like, after }: Addition): Splice {
  const { keys, tables } = scanToml(text);
  const above = path.slice(0, -1);
  const line = `${nameText(path.at(-1)!)} = ${valueText({ value, like })}`;
  const beside =
    after && isSame(after.path.slice(0, -1), above) ? keys.find((one) => isSame(one.path, after.path)) : undefined;
  const inline = (beside ?? keys.find((one) => one.inline && isSame(one.path.slice(0, -1), above)))?.inline;
  if (inline) return inlineAddition(text, inline, line);
  const table = tables.find((one) => !one.isListed && isSame(one.path, above));
  const written = indented(text, table, line);
  if (beside && table && isIn(table, tables, beside.value.end))
    return insertLines(text, nextLine(text, beside.value.end), [written]);
  if (!table) return insertLines(text, text.length, ['', `[${above.map(nameText).join('.')}]`, line]);
  return insertLines(text, table.end === 0 ? 0 : nextLine(text, table.end), [written]);
}

const isSame = (one: KeyPath, other: KeyPath): boolean =>
  one.length === other.length && one.every((name, index) => name === other[index]);

/** True if a place is below the header of this table, and above the next one. */
const isIn = (table: TomlTable, tables: TomlTable[], at: number): boolean =>
  tables.findLast((one) => one.header.end <= at) === table;

/** With the indentation of the table's last key. */
function indented(text: string, table: TomlTable | undefined, line: string): string {
  if (!table || table.end === table.header.end) return line;
  return `${/^[ \t]*/.exec(text.slice(lineStart(text, table.end)))![0]}${line}`;
}

function remove(text: string, { path, name, written }: Entry): Splice {
  const one = scanToml(text).keys.find((key) => isSame(key.path, path));
  if (one?.inline) return inlineRemoval(text, { start: name.start, end: written.end });
  return removeLines(text, { start: lineStart(text, name.start), end: nextLine(text, written.end) });
}
