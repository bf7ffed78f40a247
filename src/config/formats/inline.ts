import type { Span, Splice } from '../format';

/** Puts a member at the end of `{ a, b }`, in the spacing that it has. */
export function inlineAddition(text: string, { start, end }: Span, member: string): Splice {
  const inner = text.slice(start + 1, end - 1);
  const last = start + 1 + inner.trimEnd().length;
  if (inner.trim() === '') return { start: start + 1, end: end - 1, text: ` ${member} ` };
  return { start: last, end: last, text: `${inner.trimEnd().endsWith(',') ? '' : ','} ${member}` };
}

/** Takes a member out of `{ a, b }`, with the comma behind it, or the one before. */
export function inlineRemoval(text: string, { start, end }: Span): Splice {
  const behind = /^\s*,[ \t]*/.exec(text.slice(end));
  if (behind) return { start, end: end + behind[0].length, text: '' };
  const before = /,\s*$/.exec(text.slice(0, start));
  return { start: start - (before?.[0].length ?? 0), end, text: '' };
}
