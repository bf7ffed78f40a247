/** From a first character to the one behind the last. */
export interface Span {
  start: number;
  end: number;
}

/** A statement of an env file, with the places of its parts. */
export interface Statement extends Span {
  /** `bare` is a name without a value, or neither; Compose refuses a file with an `unread` statement. */
  kind: 'set' | 'bare' | 'unread';
  name: Span;
  /** With its quotes, without a comment behind it. */
  value: Span;
  quote: '' | "'" | '"';
}

/** The statements of an env file, by the grammar of Compose. Text between them is blank or comment. Pure. */
export function statementsIn(text: string): Statement[] {
  const found: Statement[] = [];
  // Some editors begin a file with a byte order mark.
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  for (;;) {
    at = endOf(/[\s\u0085]*/y, text, at);
    if (at >= text.length) return found;
    if (text[at] === '#') {
      at = lineEnd(text, at);
      continue;
    }
    const one = statementAt(text, at);
    found.push(one);
    at = one.end;
  }
}

/** Spaces within a line, as Compose counts them. */
const space = '[\\t\\v\\f\\r \\u0085\\u00A0]';
const exported = new RegExp(`(?:export${space}+)?`, 'y');
const named = /[\p{L}\p{N}_.[\]\-\t\v\f\r \u0085\u00A0]*/uy;
const spaces = new RegExp(`${space}*`, 'y');

function statementAt(text: string, start: number): Statement {
  const from = endOf(exported, text, start);
  const sign = endOf(named, text, from);
  const name = { start: from, end: from + text.slice(from, sign).trimEnd().length };
  const isBare = sign === text.length || text[sign] === '\n';
  const none = { start: name.end, end: name.end };
  const whole: Statement = { kind: 'bare', start, end: name.end, name, value: none, quote: '' };
  const isKnown = isBare || text[sign] === '=' || text[sign] === ':';
  if (!isKnown || text.slice(name.start, name.end).includes(' ')) return unread(text, whole);
  if (isBare) return { ...whole, end: Math.max(name.end, start + 1) };
  const value = valueAt(text, endOf(spaces, text, sign + 1));
  if (!value) return unread(text, whole);
  // Compose drops a value without a name.
  return { ...whole, ...value, kind: name.end > name.start ? 'set' : 'bare', end: value.value.end };
}

const unread = (text: string, whole: Statement): Statement => ({
  ...whole,
  kind: 'unread',
  end: Math.max(lineEnd(text, whole.start), whole.start + 1),
});

function valueAt(text: string, start: number): Pick<Statement, 'value' | 'quote'> | undefined {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return { value: { start, end: unquotedEnd(text, start) }, quote: '' };
  const closing = quote === '"' ? /"(?:\\[\s\S]|[^"\\])*"/y : /'(?:\\[\s\S]|[^'\\])*'/y;
  const end = endOf(closing, text, start);
  return end > start ? { value: { start, end }, quote } : undefined;
}

/** A comment begins with a space; a tab before `#` is part of the value. */
function unquotedEnd(text: string, start: number): number {
  const [value] = text.slice(start, lineEnd(text, start)).split(' #') as [string];
  return start + value.replace(/[\s\u0085]+$/, '').length;
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
};

/** The end of a sticky pattern at this place; the place itself without a match. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
