import { instanceOfUnit } from '../template';
import { type UnitLine, valuesOf } from '../unit-lines';

/** Commands beside the main one: they prepare the service, reach it, or tidy up after it. */
const commands = ['ExecStartPre', 'ExecStartPost', 'ExecReload', 'ExecStop', 'ExecStopPost'];

/** An absolute path, or a specifier that begins one; also behind a key, a redirection or a quote. */
const absolute = /(^|[=:,<>"'(`])(\/|%[tSCLETVhf])/;

/** True for text that differs between the instances of a template. Pure. */
export const isOfInstance = (text: string): boolean => /%[iInNf]/.test(text);

/** Returns a word of the unit's commands that would reach the running service as well; undefined for none. Pure. */
export function sharedPath(lines: UnitLine[], unit: string): { directive: string; word: string } | undefined {
  const isPlain = instanceOfUnit(unit) === '';
  const reaches = (word: string) => absolute.test(word) && (isPlain || !isOfInstance(word));
  return wordsOf(lines).find(({ word }) => reaches(word));
}

/** Returns one of the ports that the unit's commands name; undefined for none. Pure. */
export function sharedPort(lines: UnitLine[], ports: number[]): { directive: string; port: number } | undefined {
  const named = wordsOf(lines).map(({ directive, word }) => {
    const numbers = (word.match(/\d+/g) ?? []).map(Number);
    return { directive, port: ports.find((port) => numbers.includes(port)) };
  });
  return named.find((one): one is { directive: string; port: number } => one.port !== undefined);
}

/** The words of the unit's commands, without the programs themselves. */
const wordsOf = (lines: UnitLine[]): Array<{ directive: string; word: string }> =>
  commands.flatMap((directive) =>
    valuesOf(lines, [directive])
      .flatMap((value) => value.split(/\s;\s/))
      .flatMap((command) => command.trim().split(/\s+/).slice(1))
      .map((word) => ({ directive, word })),
  );
