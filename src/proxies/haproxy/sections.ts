/** One section of a haproxy.cfg; each line as its words. */
export interface HaproxySection {
  kind: string;
  /** Empty for `global` and for a `defaults` without a name. */
  name: string;
  lines: string[][];
  /** For `backend` and `listen`: the effective lines of the defaults, then its own; a later line wins. */
  effective: string[][];
}

export interface HaproxyConfig {
  sections: HaproxySection[];
}

const KINDS = [
  'global', 'defaults', 'frontend', 'backend', 'listen', 'peers', 'resolvers', 'mailers', 'userlist', 'program',
  'http-errors', 'ring', 'cache', 'fcgi-app', 'log-forward', 'crt-store', 'traces', 'log-profile',
]; // biome-ignore format: a list
const UNITS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PROXIES = ['frontend', 'backend', 'listen'];

/** Reads the text of a haproxy.cfg: sections and words, with comments, quotes, escapes and `from` understood. */
export function readHaproxyConfig(text: string): HaproxyConfig {
  const sections: HaproxySection[] = [];
  for (const line of text.split('\n')) {
    const words = wordsOf(line);
    const [first] = words;
    if (first === undefined) continue;
    if (KINDS.includes(first)) sections.push(open(words, sections));
    else sections.at(-1)?.lines.push(words);
  }
  return { sections: sections.map((section) => ({ ...section, effective: [...section.effective, ...section.lines] })) };
}

/** Returns the backend or listen section of that name. */
export function findBackend(config: HaproxyConfig, name: string): HaproxySection | undefined {
  return config.sections.find(
    (section) => (section.kind === 'backend' || section.kind === 'listen') && section.name === name,
  );
}

/** Returns the effective lines of a backend, or of one at the end of the file. */
export function linesFor(config: HaproxyConfig, backend: string): string[][] {
  const last = (kind: string): HaproxySection | undefined =>
    config.sections.findLast((section) => section.kind === kind);
  return (findBackend(config, backend) ?? last('defaults'))?.effective ?? [];
}

/** Returns the last line that begins with these words. A `no` before them takes earlier ones back. */
export function lineOf(lines: string[][], ...begin: string[]): string[] | undefined {
  const begins = (line: string[]) => begin.every((word, index) => line[index] === word);
  const found = lines.findLast((line) => begins(line) || (line[0] === 'no' && begins(line.slice(1))));
  return found?.[0] === 'no' ? undefined : found;
}

/** Returns the milliseconds of a HAProxy time; a number without a unit is milliseconds. */
export function milliseconds(text: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * (UNITS[unit] ?? 1);
}

function open([kind = '', ...rest]: string[], before: HaproxySection[]): HaproxySection {
  const from = rest.indexOf('from');
  const named = from >= 0 ? rest[from + 1] : undefined;
  const name = from === 0 ? '' : (rest[0] ?? '');
  const inherits = PROXIES.includes(kind) || (kind === 'defaults' && named !== undefined);
  return { kind, name, lines: [], effective: inherits ? defaultsFor(before, named) : [] };
}

/** Returns the lines of the named defaults section, or else of the nearest one above. */
function defaultsFor(before: HaproxySection[], named: string | undefined): string[][] {
  const found = before.findLast(({ kind, name }) => kind === 'defaults' && (named === undefined || name === named));
  return found ? [...found.effective, ...found.lines] : [];
}

/** Returns the words of a line: `#` begins a comment; quotes and a backslash hold a word together. */
function wordsOf(line: string): string[] {
  const token = /\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'|(#)|(\s+)|([^\s\\"'#]+)/g;
  const words: string[] = [];
  let word: string | undefined;
  for (const [, escaped, double, single, comment, space, plain] of line.matchAll(token)) {
    if (comment) break;
    if (space) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + (escaped ?? double?.replace(/\\(.)/g, '$1') ?? single ?? plain ?? '');
  }
  return word === undefined ? words : [...words, word];
}
