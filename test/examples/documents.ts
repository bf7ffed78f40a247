import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../../src/cli/program';
import { processTerminal } from '../../src/cli/terminal';

export const examples = join(__dirname, '..', '..', 'examples');
export const read = (...path: string[]): string => readFileSync(join(examples, ...path), 'utf8');

/** Returns the directives of a unit's sections, in their order: `Service.User=dspy`. */
export function directives(text: string): string[] {
  let section = '';
  return text.split('\n').flatMap((line) => {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    return /^\w+=/.test(line) ? [`${section}.${line}`] : [];
  });
}

/** Returns the rows of the table under a heading of a README: the words in backquotes, cell by cell. */
export function table(text: string, heading: string): Array<{ title: string; cells: string[][] }> {
  const part = text.split(`## ${heading}`)[1]!.split('\n## ')[0]!;
  const rows = part.split('\n').filter((line) => /^\| (?!-)/.test(line));
  return rows.slice(1).map((row) => {
    const [title = '', ...cells] = row.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim());
    return { title, cells: cells.map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!)) };
  });
}

const { signal: interrupted } = new AbortController();
const program = createProgram({ terminal: processTerminal({}), env: {}, cwd: examples, interrupted, code: 0 });

/** Returns what is wrong with a command line of Belay: its verb and its options have to be there. */
export function wrongIn(line: string): string[] {
  const [name, verb, ...words] = line.split(' ');
  const command = program.commands.find((one) => one.name() === verb);
  if (name !== 'belay' || !command) return [line];
  const known = [...command.options, ...program.options].map(({ long }) => long);
  return words.filter((word) => !known.includes(word));
}

/** Returns the value at a path of words with dots between them. */
export const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((one, key) => (one as Record<string, unknown> | undefined)?.[key], value);
