/** A directive of nginx's configuration, with those of its block. */
export interface Directive {
  name: string;
  words: string[];
  block: Directive[];
  /** The file that it stands in. */
  file?: string;
}

/** Reads the text of a configuration, or of one file of it. Pure; never throws. */
export function readDirectives(text: string, file?: string): Directive[] {
  const top: Directive[] = [];
  const open: Directive[][] = [top];
  let words: string[] = [];
  const add = (): Directive => {
    const [name = '', ...rest] = words;
    const directive = { name, words: rest, block: [], ...(file !== undefined && { file }) };
    words = [];
    open.at(-1)!.push(directive);
    return directive;
  };
  for (const token of text.match(tokens) ?? []) {
    if (token.startsWith('#')) continue;
    if (token === '{') open.push(add().block);
    else if (token === '}') {
      if (open.length > 1) open.pop();
      words = [];
    } else if (token === ';') add();
    else words.push(token.replace(/^(['"])([\s\S]*)\1$/, '$2'));
  }
  return top;
}

const tokens = /#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|(?:\\.|\$\{|[^\s;{}])+/g;

/** Returns the directives of a name, wherever they stand. */
export function allNamed(directives: Directive[], name: string): Directive[] {
  return directives.flatMap((one) => [...(one.name === name ? [one] : []), ...allNamed(one.block, name)]);
}

/** Returns a time of nginx in milliseconds: `75s`, `1m 30s`, `500ms`, `60`. */
export function milliseconds(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return [...text.matchAll(/(\d+)(ms|[smhd])?/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit ?? 's']!,
    0,
  );
}
