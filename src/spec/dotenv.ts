type Environment = Record<string, string | undefined>;

/**
 * Variables of env files as Compose reads them, with quotes, comments, `export` and references. Later files override
 * earlier ones, and the shell overrides all. Pure.
 */
export function valuesIn(texts: string[], environment: Environment): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [, name, written] of texts.flatMap((text) => [...text.matchAll(line)]))
    values[name!] = valueOf(written ?? '', { ...values, ...environment });
  return values;
}

/** Names that env files set. With `bare`, also names without a value, which Compose takes from the shell. Pure. */
export function namesIn(text: string, { bare = false } = {}): string[] {
  const set = [...text.matchAll(line)].map(([, name]) => name!);
  const named = bare
    ? [...text.matchAll(/^\uFEFF?[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*$/gm)].map(([, name]) => name!)
    : [];
  return [...new Set([...set, ...named])];
}

/** Some editors begin a file with a byte order mark. */
const line = /^\uFEFF?[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[=:][ \t]*('[^']*'|"(?:\\.|[^"\\])*"|.*)/gm;

function valueOf(written: string, known: Environment): string {
  if (written.startsWith("'") && written.endsWith("'") && written.length > 1) return written.slice(1, -1);
  const isQuoted = written.startsWith('"') && written.endsWith('"') && written.length > 1;
  const text = isQuoted ? unescaped(written.slice(1, -1)) : written.replace(/\s+#.*$/, '').trim();
  return filledIn(text, known);
}

const unescaped = (text: string): string =>
  text.replace(
    /\\(.)/g,
    (whole, one: string) => ({ n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$$' })[one] ?? whole,
  );

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
