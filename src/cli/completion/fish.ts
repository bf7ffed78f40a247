import type { CommandTree, CompletedCommand, CompletedOption } from './tree';
import type { ValueKind } from './values';

/** Returns the script for fish, with descriptions. */
export function fishScript({ name, commands }: CommandTree): string {
  const verbs = commands.map(
    (one) => `complete -c ${name} -n __fish_use_subcommand -f -a ${one.name} -d ${quoted(one.description)}`,
  );
  return [...verbs, ...commands.flatMap((one) => linesOf(name, one))].join('\n');
}

function linesOf(program: string, { name, options, choices, values }: CompletedCommand): string[] {
  const start = `complete -c ${program} -n '__fish_seen_subcommand_from ${name}'`;
  const words = choices.length > 0 ? [`${start} -f -a '${choices.join(' ')}'`] : [];
  const own = values ? [`${start} -f -a '${asked(values)}'`] : [];
  return [...words, ...own, ...options.map((option) => `${start} ${flags(option)}`)];
}

const asked = (values: ValueKind): string =>
  `(belay completion --words ${values} --line (commandline -cp) 2>/dev/null)`;

function flags({ short, long, description, takesValue, values }: CompletedOption): string {
  const own = values ? [`-f -a '${asked(values)}'`] : [];
  const takes = takesValue ? ['-r', ...own] : [];
  const names = [`-l ${long.slice(2)}`, ...(short ? [`-s ${short.slice(1)}`] : []), ...takes];
  return `${names.join(' ')} -d ${quoted(description)}`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
