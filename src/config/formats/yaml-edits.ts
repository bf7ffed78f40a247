import {
  type Document,
  isMap,
  isScalar,
  type LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  stringify,
  type YAMLMap,
} from 'yaml';
import { type Addition, type Entry, type KeyPath, type NewValue, type Span, type Splice, textOf } from '../format';
import { insertLines, lineBreakOf, lineStart, nextLine, removeLines } from '../lines';
import { inlineAddition, inlineRemoval } from './inline';

export const parsed = (text: string, lineCounter?: LineCounter): Document.Parsed =>
  parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });

export const spanOf = (node: { range?: [number, number, number] | null }): Span => ({
  start: node.range![0],
  end: node.range![1],
});

interface Known {
  pair: Pair<Node, Node | null>;
  map: YAMLMap;
}

/** The pair at a path, and the map that it stands in. */
function known(document: Document, path: KeyPath): Known | undefined {
  let map: unknown = document.contents;
  for (const [index, name] of path.entries()) {
    if (!isMap(map)) return undefined;
    const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    if (!pair) return undefined;
    if (index === path.length - 1) return { pair: pair as Known['pair'], map };
    map = pair.value;
  }
  return undefined;
}

/** Puts another value in the place of the former one: as the other file writes it, or in the former quotes. */
export function setValue(text: string, { path, written, name }: Entry, { value, like }: NewValue): Splice {
  const node = known(parsed(text), path)?.pair.value;
  const type = isScalar(node) ? (node.type as Scalar.Type | undefined) : undefined;
  const copied = like && typeof value !== 'object' ? textOf(like.text, like.entry.written) : '';
  const isOneLine = copied !== '' && !/[\r\n]/.test(copied) && !/^[*&!|>]/.test(copied);
  const made = isOneLine ? copied : valueText(value, type);
  const former = textOf(text, written);
  const start = former === '' ? text.indexOf(':', name.end) + 1 : written.start;
  const end = former === '' ? start : written.end;
  return { start, end, text: `${former === '' ? ' ' : ''}${made}${former.endsWith('\n') ? '\n' : ''}` };
}

/** On one line, in the quotes of the former value. */
function valueText(value: unknown, type?: Scalar.Type): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  const isQuoted = type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE;
  if (typeof value === 'string' && /[\r\n]/.test(value)) return JSON.stringify(value);
  return scalarText(value, isQuoted && typeof value === 'string' ? type : undefined);
}

export const scalarText = (value: unknown, type?: Scalar.Type): string =>
  stringify(value, { lineWidth: 0, ...(type && { defaultStringType: type, defaultKeyType: Scalar.PLAIN }) }).trimEnd();

/** Puts a pair behind its sibling, in the deepest map that is there. */
export function addPair(text: string, { path, value, after }: Addition): Splice {
  const document = parsed(text);
  const depth = path.findLastIndex((_, index) => isMap(known(document, path.slice(0, index + 1))?.pair.value)) + 1;
  const parent = depth === 0 ? document.contents : known(document, path.slice(0, depth))?.pair.value;
  const rest = path.slice(depth);
  const nested = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  if (!isMap(parent)) return insertLines(text, text.length, blockLines(nested, ''));
  if (parent.flow)
    return inlineAddition(text, spanOf(parent), `${scalarText(rest[0])}: ${JSON.stringify(atFirst(nested))}`);
  const sibling = (after && siblingOf(parent, after.path[depth])) ?? parent.items.at(-1)!;
  const indent = ' '.repeat(columnOf(text, parent));
  return insertLines(text, behind(text, sibling as Known['pair']), blockLines(nested, indent));
}

const atFirst = (map: unknown): unknown => Object.values(map as object)[0];
const siblingOf = (map: YAMLMap, name?: string) =>
  map.items.find(({ key }) => isScalar(key) && String(key.value) === name);

const blockLines = (map: unknown, indent: string): string[] =>
  stringify(map, { lineWidth: 0 })
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${line}`);

function columnOf(text: string, map: YAMLMap): number {
  const start = (map.items[0]!.key as Node).range![0];
  return start - lineStart(text, start);
}

/** The line behind a pair: its own comment stays with it. */
function behind(text: string, { key, value }: Known['pair']): number {
  const end = Math.max(key.range![1], value?.range?.[1] ?? 0);
  return text[end - 1] === '\n' ? end : nextLine(text, end);
}

/** Takes out the lines of a pair. A map that loses its last pair stays as `{}`. */
export function removePair(text: string, { path }: Entry): Splice {
  const { pair, map } = known(parsed(text), path)!;
  const key = spanOf(pair.key);
  const whole = { start: key.start, end: Math.max(key.end, pair.value?.range?.[1] ?? 0) };
  if (map.flow) return inlineRemoval(text, whole);
  const lines = { start: lineStart(text, key.start), end: behind(text, pair) };
  if (map.items.length > 1 || path.length === 1) return removeLines(text, lines);
  return { ...lines, text: `${' '.repeat(key.start - lines.start)}{}${lineBreakOf(text)}` };
}
