import type { CommandTree, CompletedCommand, CompletedOption } from './tree';

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

function branch({ name, options, choices }: CompletedCommand): string {
  const first = choices.length > 0 ? [quoted(`2:word:(${choices.join(' ')})`)] : [];
  return `    ${name}) _arguments ${[...first, ...options.flatMap(argument)].join(' ')} ;;`;
}

function argument({ short, long, description, takesValue }: CompletedOption): string[] {
  const text = `[${description.replace(/[[\]:\\]/g, '\\$&')}]${takesValue ? ':value:_files' : ''}`;
  return [long, ...(short ? [short] : [])].map((option) => quoted(`${option}${text}`));
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
