import { unescapedIn } from '../../spec/dotenv';
import { type Span, type Statement, statementsIn } from '../../spec/dotenv-statements';
import { type Addition, type Entry, type Format, type NewValue, type Reading, type Splice, textOf } from '../format';
import { insertLines, lineOf, lineStart, nextLine, removeLines } from '../lines';
import { envValue } from './env-value';

/** Env files, by the grammar of Compose. Where a name is set twice, the last statement counts. */
export const env: Format = {
  kind: 'env',
  flat: true,
  read,
  set: (text, entry, to) => [{ ...entry.written, text: writtenLike(text, entry, to) }],
  add: (text, addition) => [added(text, addition)],
  rename,
  remove: (text, { path: [name] }) => statementsOf(text, name!).map((one) => removed(text, one)),
};

function read(text: string): Reading {
  const statements = statementsIn(text);
  const unread = statements.find(({ kind }) => kind === 'unread');
  const problem = unread && { line: lineOf(text, unread.start), message: 'is no line that Compose can read' };
  return { entries: statements.flatMap((one) => entryOf(text, one)), names: [], ...(problem && { problem }) };
}

/** A name without a value has the value null. */
function entryOf(text: string, one: Statement): Entry[] {
  const name = textOf(text, one.name);
  if (one.kind === 'unread' || name === '') return [];
  const plain = one.kind === 'bare' ? null : unescapedIn(text, one);
  const value = one.quote === "'" ? plain!.replaceAll('$', '$$$$') : plain;
  return [{ path: [name], value, name: one.name, written: one.value }];
}

function writtenLike(text: string, entry: Entry, { value, like }: NewValue): string {
  const made = like ? likeText(like) : envValue(String(value), textOf(text, entry.written));
  const { end } = entry.written;
  // After a bare `=`, the comment would be the value.
  const written = made === '' && text.slice(end, nextLine(text, end)).trim() !== '' ? "''" : made;
  return entry.value === null ? `=${written}` : written;
}

const likeText = ({ text, entry }: NonNullable<NewValue['like']>): string => textOf(text, entry.written);

/** Takes along the comment above the line that it is written like. */
function added(text: string, { path: [name], value, like, after }: Addition): Splice {
  const lines = like ? linesAbout(like) : [`${name}=${envValue(String(value), '')}`];
  const known = new Set(text.split(/\r?\n/));
  const fresh = lines.filter((line, index) => index === lines.length - 1 || !known.has(line));
  return insertLines(text, after ? lineBehind(text, after) : text.length, fresh);
}

/** The line behind an entry, and behind all that begins on its line. */
function lineBehind(text: string, { written }: Entry): number {
  const begun = nextLine(text, written.end);
  return statementsIn(text).reduce((at, one) => (one.start < at && one.end > at ? nextLine(text, one.end) : at), begun);
}

function linesAbout({ text, entry }: NonNullable<NewValue['like']>): string[] {
  const one = statementsIn(text).find(({ name }) => name.start === entry.name.start)!;
  const lines = ownLines(text, one);
  if (!lines) return [textOf(text, one)];
  const above = text.slice(0, lines.start).split(/\r?\n/).slice(0, -1);
  const first = above.findLastIndex((line) => !line.startsWith('#')) + 1;
  return [...above.slice(first), textOf(text, lines).replace(/\r?\n$/, '')];
}

/** Every statement of the name, and the references to it in values. */
function rename(text: string, { path: [from] }: Entry, name: string): Splice[] {
  const own = statementsOf(text, from!).map((one) => ({ ...one.name, text: name }));
  const references = statementsIn(text).flatMap((one) => (one.quote === "'" ? [] : referencesIn(text, one, from!)));
  return [...own, ...references.map((span) => ({ ...span, text: name }))];
}

function referencesIn(text: string, { value }: Statement, name: string): Span[] {
  const written = textOf(text, value);
  const found = [...written.matchAll(/(?<![$\\])(?:\$\$)*\$\{?([A-Za-z_]\w*)/g)];
  return found.flatMap((one) => {
    if (one[1] !== name) return [];
    const end = value.start + one.index + one[0].length;
    return [{ start: end - name.length, end }];
  });
}

const statementsOf = (text: string, name: string): Statement[] =>
  statementsIn(text).filter((one) => one.kind !== 'unread' && textOf(text, one.name) === name);

function removed(text: string, one: Statement): Splice {
  const lines = ownLines(text, one);
  return lines ? removeLines(text, lines) : { ...one, text: '' };
}

/** The lines of a statement; undefined if another one stands there too. */
function ownLines(text: string, one: Statement): Span | undefined {
  const [start, end] = [lineStart(text, one.start), nextLine(text, one.end)];
  const others = statementsIn(text).filter((other) => other.start !== one.start);
  return others.some((other) => other.start < end && other.end > start) ? undefined : { start, end };
}
