/** An assignment in a unit file. */
export interface UnitLine {
  section: string;
  name: string;
  value: string;
}

/** The assignments of unit files and drop-ins, in the order in which systemd reads them. Pure. */
export const unitLines = (texts: string[]): UnitLine[] => texts.flatMap(linesOf);

function linesOf(text: string): UnitLine[] {
  let section = '';
  return wholeLines(text).flatMap((line) => {
    section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
    const [, name, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [{ section, name, value: value! }];
  });
}

/** A backslash continues a line; comments between its parts are passed over. */
const wholeLines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .filter((line) => !/^\s*[#;]/.test(line))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n');

/** The values of directives in a section; an empty one takes back those before it. Pure. */
export function valuesOf(lines: UnitLine[], names: string[], section = 'Service'): string[] {
  const values = lines.filter((one) => one.section === section && names.includes(one.name)).map(({ value }) => value);
  return values.slice(values.lastIndexOf('') + 1);
}

/** The value of a directive of the [Service] section that takes one: the last. Pure. */
export const valueOf = (lines: UnitLine[], name: string): string | undefined => valuesOf(lines, [name]).at(-1);

const word = /(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'\\])+/g;

/** The variables in the value of Environment=. Pure. */
export const assignments = (value: string): Array<[name: string, value: string]> =>
  [...value.matchAll(word)].map(([one]) => {
    const text = unquoted(one).replaceAll('%%', '%');
    const end = text.indexOf('=');
    return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
  });

const unquoted = (text: string): string =>
  text.replace(
    /"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|\\(.)/g,
    (_, double?: string, single?: string, one?: string) => one ?? (double ?? single ?? '').replace(/\\(.)/g, '$1'),
  );
