import { type Statement, statementsIn } from './dotenv-statements';

type Environment = Record<string, string | undefined>;

/**
 * Variables of env files as Compose reads them, with quotes, comments, `export` and references. Later files override
 * earlier ones, and the shell overrides all. Pure.
 */
export function valuesIn(texts: string[], environment: Environment): Record<string, string> {
  const values: Record<string, string> = {};
  for (const text of texts)
    for (const one of statementsIn(text))
      if (one.kind === 'set') values[nameOf(text, one)] = valueOf(text, one, { ...values, ...environment });
  return values;
}

/** Names that env files set. With `bare`, also names without a value, which Compose takes from the shell. Pure. */
export function namesIn(text: string, { bare = false } = {}): string[] {
  const kinds: Array<Statement['kind']> = bare ? ['set', 'bare'] : ['set'];
  const named = statementsIn(text).filter(({ kind }) => kinds.includes(kind));
  return [...new Set(named.map((one) => nameOf(text, one)).filter((name) => name !== ''))];
}

const nameOf = (text: string, { name }: Statement): string => text.slice(name.start, name.end);

const valueOf = (text: string, one: Statement, known: Environment): string =>
  one.quote === "'" ? unescapedIn(text, one) : filledIn(unescapedIn(text, one), known);

/** The value of a statement without its quotes and escapes; references stay, and `$$` is a dollar sign. Pure. */
export function unescapedIn(text: string, { value, quote }: Statement): string {
  const written = text.slice(value.start, value.end);
  if (quote === '') return written;
  const inner = written.slice(1, -1).replace(/\\([\s\S])/g, (whole, one: string) => (one === quote ? one : whole));
  return quote === '"' ? expanded(inner) : inner;
}

const escapes: Record<string, string> = {
  a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', $: '$$', '"': '"', '\\': '\\',
}; // biome-ignore format: a table

/** As the shell does it: `\n`, `\$`, and `\0101` in octal digits. */
const expanded = (text: string): string =>
  text.replace(/\\(?:([abfnrtv$"\\])|0(\d{0,3}))/g, (_, letter?: string, octal = '') => {
    if (letter !== undefined) return escapes[letter]!;
    const code = Number.parseInt(octal, 8);
    return /^[0-7]{3}$/.test(octal) && code < 256 ? String.fromCharCode(code) : `\\${octal}`;
  });

/**
 * The text with values in place of `$NAME`, `${NAME}`, `${NAME:-x}`, `${NAME:+x}` and `${NAME:?x}`, with or without the
 * colon. A required variable without a value stays as written. Pure.
 */
export function filledIn(text: string, known: Environment): string {
  return text.replace(reference, (whole, short?: string, long?: string, colon?: string, sign?: string, more = '') => {
    if (whole === '$$') return '$';
    const value = known[short ?? long!];
    const isMissing = value === undefined || (colon === ':' && value === '');
    if (sign === '+') return isMissing ? '' : filledIn(more, known);
    if (!isMissing) return value;
    return sign === '?' ? whole : filledIn(more, known);
  });
}

const nested = (inside: string): string => `[^{}]*(?:\\{${inside}\\}[^{}]*)*`;
/** Defaults may nest, three levels deep. */
const reference = new RegExp(
  `\\$\\$|\\$(?:([A-Za-z_]\\w*)|\\{([A-Za-z_]\\w*)(?:(:?)([-+?])(${nested(nested('[^{}]*'))}))?\\})`,
  'g',
);
