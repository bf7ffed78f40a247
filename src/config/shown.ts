import { isDeepStrictEqual } from 'node:util';
import type { ConfigDocument } from './document';
import type { Finding } from './finding';
import { keyOf } from './keys';
import { type Situation, valueIn } from './situation';
import { isSecretKey, literal } from './values';

/** Stands for a value that must not be shown. */
export const mask = '********';

/** True for a value that people may see: a default of an example or a rule's own, of a key that names no secret. */
export type IsShown = (key: string, value: unknown) => boolean;

export function shownBy({ live, example, was, rules }: Situation): IsShown {
  const secrets = Object.values(rules.secrets).map((value) => literal(live.format, value));
  const former = new Map(
    Object.entries(rules.rename).flatMap(([from, to]) => [
      [from, to],
      [to, from],
    ]),
  );
  return (key, value) => {
    const names = [key, former.get(key) ?? key];
    if (names.some((name) => isSecretKey(name) || name in rules.secrets)) return false;
    if (secrets.some((secret) => isDeepStrictEqual(secret, value))) return false;
    const known = names.flatMap((name) => [
      ...[example, was].flatMap((one) => (one?.keys.has(name) ? [valueIn(one, name)] : [])),
      ...(name in rules.set ? [literal(live.format, rules.set[name])] : []),
    ]);
    return value === '' || value === null || known.some((one) => isDeepStrictEqual(one, value));
  };
}

/** A finding that anybody may read. */
export interface ShownFinding extends Omit<Finding, 'from' | 'to'> {
  from?: string;
  to?: string;
}

/** Kinds whose values are types, or the words of Compose files. */
const wordless: Partial<Record<Finding['kind'], Array<'from' | 'to'>>> = {
  'type-changed': ['from', 'to'],
  unpinned: ['to'],
};

export function shownFinding(finding: Finding, isShown: IsShown): ShownFinding {
  const { from: _, to: __, ...rest } = finding;
  const shown = (side: 'from' | 'to') => {
    if (!(side in finding) || finding[side] === undefined) return {};
    const value = finding[side];
    const key = side === 'from' ? (finding.other ?? finding.key) : finding.key;
    const isOpen = wordless[finding.kind]?.includes(side) || isShown(key, value);
    return { [side]: isOpen ? textOf(value) : mask };
  };
  return { ...rest, ...shown('from'), ...shown('to') };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? (value === '' ? '""' : value) : JSON.stringify(value);

export interface Masking {
  isShown: IsShown;
  /** Texts that people may see: those of the examples. */
  known: string;
  /** True for a key that had another value before. */
  isNew?: (key: string, value: unknown) => boolean;
}

/** The text of a file without the values that must not be shown, nor comments and lines that no example has. */
export function maskedText({ text, reading, format }: ConfigDocument, { isShown, known, isNew }: Masking): string {
  const values = reading.entries.map((entry) => {
    const key = keyOf(format, entry.path);
    const written = text.slice(entry.written.start, entry.written.end);
    const hidden = `${mask}${isNew?.(key, entry.value) ? ' (new)' : ''}${/\n$/.exec(written)?.[0] ?? ''}`;
    return { ...entry.written, text: written === '' || isShown(key, entry.value) ? written : hidden };
  });
  const names = [...reading.names, ...reading.entries.map(({ name }) => name)].map((span) => ({
    ...span,
    text: text.slice(span.start, span.end),
  }));
  let [made, at] = ['', 0];
  for (const part of [...values, ...names].sort((a, b) => a.start - b.start || a.end - b.end)) {
    made += between(text.slice(at, part.start), known) + part.text;
    at = part.end;
  }
  return made + between(text.slice(at), known);
}

const between = (text: string, known: string): string =>
  text
    .split('\n')
    .map((line) => (line.trim() === '' || known.includes(line.trim()) ? line : withoutWords(line)))
    .join('\n');

const withoutWords = (line: string): string =>
  line
    .replace(/(#|\/\/).*?(\r?)$/, '$1 …$2')
    .replace(/[^\s[\]{},:=#/'"…-]+/g, (word) => (word === 'export' ? word : '…'));
