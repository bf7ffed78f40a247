import type { Span, Splice } from './format';

/** The line end that a text has: that of its first line. */
export const lineBreakOf = (text: string): '\n' | '\r\n' => (/^[^\n]*\r\n/.test(text) ? '\r\n' : '\n');

/** The start of the line that a place is in. */
export const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** The end of the line that a place is in, behind its line break. */
export const nextLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
};

/** Line number of a place, from 1. */
export const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** Puts whole lines at the start of a line, or at the end of a text. A text without a last line break keeps none. */
export function insertLines(text: string, at: number, lines: string[]): Splice {
  const br = lineBreakOf(text);
  const isOpen = at === text.length && text !== '' && !text.endsWith('\n');
  const joined = lines.join(br);
  return { start: at, end: at, text: isOpen ? `${br}${joined}` : `${joined}${br}` };
}

/** Takes out whole lines. Where they end the text without a line break, so does the line before. */
export function removeLines(text: string, { start, end }: Span): Splice {
  const isOpen = end === text.length && !text.endsWith('\n');
  const before = isOpen && start > 0 ? start - (text.startsWith('\r\n', start - 2) ? 2 : 1) : start;
  return { start: before, end, text: '' };
}
