import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type { Addition, KeyPath, Span, Splice } from '../format';
import { insertLines, lineStart, nextLine, removeLines } from '../lines';
import { inlineAddition, inlineRemoval } from './inline';

/** Puts a member behind its sibling: on a line of its own where the sibling has one. */
export function addMember(text: string, root: Node | undefined, { path, value, after }: Addition): Splice[] {
  if (!root) return [insertLines(text, text.length, memberLines(text, nestedIn(path, value), ''))];
  const depth = path.findLastIndex((_, index) => at(root, path.slice(0, index + 1))?.type === 'object') + 1;
  const parent = at(root, path.slice(0, depth))!;
  const members = parent.children ?? [];
  const sibling = members.find((one) => nameOf(one) === after?.path[depth]) ?? members.at(-1);
  const member = nestedIn(path.slice(depth), value);
  const inline = JSON.stringify(member).slice(1, -1).replace(':', ': ');
  if (!sibling) return [inlineAddition(text, spanOf(parent), inline)];
  const own = spanOf(sibling);
  const comma = commaBehind(text, own.end);
  const end = comma ?? own.end;
  if (!isRestOfLine(text, end)) return [{ start: end, end, text: comma === undefined ? `, ${inline}` : ` ${inline},` }];
  const indent = text.slice(lineStart(text, own.start), own.start);
  const lines = memberLines(text, member, /^\s*$/.test(indent) ? indent : '').slice(1, -1);
  const isFollowed = comma !== undefined;
  const last = isFollowed ? [...lines.slice(0, -1), `${lines.at(-1)},`] : lines;
  const added = insertLines(text, nextLine(text, end), last);
  return isFollowed ? [added] : [{ start: own.end, end: own.end, text: ',' }, added];
}

/** Takes a member out with its lines, and the comma of the one before where it was the last. */
export function removeMember(text: string, root: Node, path: KeyPath): Splice[] {
  const member = at(root, path)!.parent!;
  const own = spanOf(member);
  const siblings = member.parent!.children!;
  const before = siblings[siblings.indexOf(member) - 1];
  const comma = commaBehind(text, own.end);
  const end = comma ?? own.end;
  const start = lineStart(text, own.start);
  const isAlone = text.slice(start, own.start).trim() === '' && isRestOfLine(text, end);
  if (!isAlone) return [inlineRemoval(text, own)];
  const lines = removeLines(text, { start, end: nextLine(text, end) });
  if (comma !== undefined || !before) return [lines];
  const sign = commaBehind(text, spanOf(before).end)!;
  return [{ start: sign - 1, end: sign, text: '' }, lines];
}

const at = (root: Node, path: KeyPath): Node | undefined => (path.length === 0 ? root : findNodeAtLocation(root, path));
const nameOf = ({ children }: Node): unknown => children?.[0]?.value;
const spanOf = ({ offset, length }: Node): Span => ({ start: offset, end: offset + length });
const nestedIn = (path: KeyPath, value: unknown): unknown =>
  path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);

/** The place behind the comma that follows, past blanks and comments. */
function commaBehind(text: string, start: number): number | undefined {
  const found = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*,/.exec(text.slice(start));
  return found ? start + found[0].length : undefined;
}

/** True if only blanks and a comment stand behind this place on its line. */
const isRestOfLine = (text: string, start: number): boolean =>
  /^[ \t]*(?:\/\/.*)?\r?$/.test(text.slice(start, nextLine(text, start)).replace(/\n$/, ''));

/** An object on lines of its own, with the braces, as the text indents. */
function memberLines(text: string, member: unknown, indent: string): string[] {
  const unit = indent || (/\n([ \t]+)\S/.exec(text)?.[1] ?? '  ');
  const step = unit.startsWith('\t') ? '\t' : ' '.repeat(unit.length > 4 ? 2 : unit.length);
  const base = indent.slice(0, Math.max(0, indent.length - step.length));
  return JSON.stringify(member, null, step)
    .split('\n')
    .map((line) => `${base}${line}`);
}
