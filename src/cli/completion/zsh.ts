import type { CommandTree, CompletedCommand, CompletedOption } from './tree';
import type { ValueKind } from './values';

/**
 * Returns the script for zsh, with descriptions. Source it after compinit, or keep it as `_belay` in a folder of fpath.
 */
export function zshScript({ name, commands }: CommandTree): string {
  return `#compdef ${name}
_${name}() {
  local -a commands
  commands=(
${commands.map((one) => `    ${quoted(`${one.name}:${one.description}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case "$words[2]" in
${commands.map(branch).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_${name}" ]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi`;
}

function branch({ name, options, choices, values }: CompletedCommand): string {
  const words = choices.length > 0 ? `(${choices.join(' ')})` : values && asked(values);
  const first = words ? [quoted(`*:word:${words}`)] : [];
  return `    ${name}) _arguments ${[...first, ...options.flatMap(argument)].join(' ')} ;;`;
}

const asked = (values: ValueKind): string =>
  `{compadd -- \${(f)"$(belay completion --words ${values} --line "$words" 2>/dev/null)"}}`;

function argument({ short, long, description, takesValue, values }: CompletedOption): string[] {
  const value = takesValue ? `:value:${values ? asked(values) : '_files'}` : '';
  const text = `[${description.replace(/[[\]:\\]/g, '\\$&')}]${value}`;
  return [long, ...(short ? [short] : [])].map((option) => quoted(`${option}${text}`));
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
