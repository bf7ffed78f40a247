import type { CommandTree, CompletedCommand, CompletedOption } from './tree';
import type { ValueKind } from './values';

/** Returns the script for bash 4 and later. `complete -o default` falls back to file names, which many options take. */
export function bashScript({ name, commands }: CommandTree): string {
  const words = commands.map((one) => one.name).join(' ');
  return `_${name}_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" verb='' words word
  local current="\${line##*[[:space:]]}"
  read -ra words <<< "\${line%"$current"}"
  local before="\${words[\${#words[@]}-1]}"
  for word in "\${words[@]:1}"; do
    case "$word" in
      ${commands.map((one) => one.name).join('|')}) verb="$word"; break ;;
    esac
  done
  case "$verb" in
    '') COMPREPLY=($(compgen -W '${words}' -- "$current")) ;;
${commands.map(branch).join('\n')}
  esac
  # bash takes what stands behind = for a word of its own.
  if [[ "$current" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${current%=*}="}"); fi
  if [[ "\${COMPREPLY[0]}" == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _${name}_complete ${name}`;
}

/** After an option come its values; else the argument's words, and options once a hyphen is typed. */
function branch({ name, options, choices, values }: CompletedCommand): string {
  const words = [...choices, ...options.flatMap(flagsOf)].join(' ');
  const after = options.flatMap((option) =>
    option.takesValue ? [`        ${flagsOf(option).join('|')}) ${valued(option.values)} ;;`] : [],
  );
  const own = `COMPREPLY=($(compgen -W '${words}' -- "$current"))`;
  const first = values ? `if [[ "$current" == -* ]]; then ${own}; else ${valued(values)}; fi` : own;
  return [`    ${name})`, '      case "$before" in', ...after, `        *) ${first} ;;`, '      esac ;;'].join('\n');
}

const flagsOf = ({ short, long }: CompletedOption): string[] => [long, ...(short ? [short] : [])];

/** Without words of its own, bash offers files. */
const valued = (values?: ValueKind): string =>
  values
    ? `COMPREPLY=($(compgen -W "$(belay completion --words ${values} --line "$line" 2>/dev/null)" -- "$current"))`
    : 'COMPREPLY=()';
