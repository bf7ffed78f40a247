import type { CommandTree, CompletedCommand, CompletedOption } from './tree';

/** Returns the script for fish, with descriptions. */
export function fishScript({ name, commands }: CommandTree): string {
  const verbs = commands.map(
    (one) => `complete -c ${name} -n __fish_use_subcommand -f -a ${one.name} -d ${quoted(one.description)}`,
  );
  return [...verbs, ...commands.flatMap((one) => linesOf(name, one))].join('\n');
}

function linesOf(program: string, { name, options, choices }: CompletedCommand): string[] {
  const start = `complete -c ${program} -n '__fish_seen_subcommand_from ${name}'`;
  const words = choices.length > 0 ? [`${start} -f -a '${choices.join(' ')}'`] : [];
  return [...words, ...options.map((option) => `${start} ${flags(option)}`)];
}

function flags({ short, long, description, takesValue }: CompletedOption): string {
  const names = [`-l ${long.slice(2)}`, ...(short ? [`-s ${short.slice(1)}`] : []), ...(takesValue ? ['-r'] : [])];
  return `${names.join(' ')} -d ${quoted(description)}`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
