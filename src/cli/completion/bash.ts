import type { CommandTree, CompletedCommand } from './tree';

/** Returns the script for bash 4 and later. `complete -o default` falls back to file names, which many options take. */
export function bashScript({ name, commands }: CommandTree): string {
  const words = commands.map((one) => one.name).join(' ');
  return `_${name}_complete() {
  local current="\${COMP_WORDS[COMP_CWORD]}" verb='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      ${commands.map((one) => one.name).join('|')}) verb="$word"; break ;;
    esac
  done
  case "$verb" in
    '') COMPREPLY=($(compgen -W '${words}' -- "$current")) ;;
${commands.map(branch).join('\n')}
  esac
}
complete -o default -F _${name}_complete ${name}`;
}

function branch({ name, options, choices }: CompletedCommand): string {
  const words = [...choices, ...options.flatMap(({ short, long }) => [long, ...(short ? [short] : [])])];
  return `    ${name}) COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$current")) ;;`;
}
