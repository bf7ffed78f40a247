import type { KeyPath, Span } from '../format';
import { parse } from './toml-parser';

export interface TomlKey {
  path: KeyPath;
  name: Span;
  value: Span;
  /** The inline table that it stands in. */
  inline?: Span;
}

export interface TomlTable {
  path: KeyPath;
  /** Its header; empty for the root. */
  header: Span;
  /** The first place behind its last key, or behind its header. */
  end: number;
  /** True for `[[list of tables]]` and what is in it. */
  isListed: boolean;
}

export interface TomlScan {
  keys: TomlKey[];
  tables: TomlTable[];
  names: Span[];
}

/** The places of keys and tables in a text that is TOML. Lists of tables are left out. Pure. */
export function scanToml(text: string): TomlScan {
  const root: TomlTable = { path: [], header: { start: 0, end: 0 }, end: 0, isListed: false };
  const scan: TomlScan = { keys: [], tables: [root], names: [] };
  let table = root;
  for (let at = blank(text, 0); at < text.length; at = blank(text, at)) {
    if (text[at] === '[') {
      table = tableAt(text, at, scan);
      at = table.header.end;
      continue;
    }
    const { keys, end } = keyAt(text, at, table.path);
    if (!table.isListed) scan.keys.push(...keys);
    table.end = end;
    at = end;
  }
  return scan;
}

function tableAt(text: string, start: number, scan: TomlScan): TomlTable {
  const isList = text[start + 1] === '[';
  const { path, spans, end } = nameAt(text, start + (isList ? 2 : 1));
  const stop = text.indexOf(']', end) + (isList ? 2 : 1);
  const lists = scan.tables.filter((one) => one.isListed).map((one) => one.path);
  const isListed = isList || lists.some((list) => list.every((name, index) => path[index] === name));
  const made = { path, header: { start, end: stop }, end: stop, isListed };
  scan.tables.push(made);
  if (!isListed) scan.names.push(...spans);
  return made;
}

/** A key with its value, and the keys of an inline table. */
function keyAt(text: string, start: number, above: KeyPath, inline?: Span): { keys: TomlKey[]; end: number } {
  const { path, spans, end: sign } = nameAt(text, start);
  const from = endOf(/[ \t]*=[ \t]*/y, text, sign);
  const whole = [...above, ...path];
  const { end, inner } = valueAt(text, from, whole);
  const one: TomlKey = { path: whole, name: spans.at(-1)!, value: { start: from, end }, ...(inline && { inline }) };
  return { keys: inner.length > 0 ? inner : [one], end };
}

/** A dotted name: its parts and their places. */
function nameAt(text: string, start: number): { path: KeyPath; spans: Span[]; end: number } {
  const path: KeyPath = [];
  const spans: Span[] = [];
  for (let at = start; ; ) {
    const from = endOf(/[ \t]*/y, text, at);
    const end = endOf(/"(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+/y, text, from);
    path.push(nameOf(text.slice(from, end)));
    spans.push({ start: from, end });
    const dot = endOf(/[ \t]*\./y, text, end);
    if (dot === end) return { path, spans, end };
    at = dot;
  }
}

const nameOf = (written: string): string => Object.keys(parse(`${written} = 0`))[0]!;

const strings = /"""(?:\\[\s\S]|[^\\])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y;

function valueAt(text: string, start: number, path: KeyPath): { end: number; inner: TomlKey[] } {
  const string = endOf(strings, text, start);
  if (string > start) return { end: string, inner: [] };
  if (text[start] === '[') return { end: listEnd(text, start), inner: [] };
  if (text[start] === '{') return inlineTable(text, start, path);
  return { end: start + text.slice(start, endOf(/[^,\]}#\r\n]*/y, text, start)).trimEnd().length, inner: [] };
}

function listEnd(text: string, start: number): number {
  for (let at = blank(text, start + 1); at < text.length; at = blank(text, at)) {
    if (text[at] === ']') return at + 1;
    at = text[at] === ',' ? at + 1 : valueAt(text, at, []).end;
  }
  return text.length;
}

function inlineTable(text: string, start: number, path: KeyPath): { end: number; inner: TomlKey[] } {
  const found: TomlKey[] = [];
  let at = blank(text, start + 1);
  while (at < text.length && text[at] !== '}') {
    const { keys, end } = keyAt(text, at, path, { start, end: start });
    found.push(...keys);
    at = blank(text, text[blank(text, end)] === ',' ? blank(text, end) + 1 : end);
  }
  const inner = found.map((one) => (one.inline?.start === start ? { ...one, inline: { start, end: at + 1 } } : one));
  return { end: at + 1, inner };
}

/** Behind spaces, line breaks and comments. */
const blank = (text: string, at: number): number => endOf(/(?:[ \t\r\n]|#[^\n]*)*/y, text, at);

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
