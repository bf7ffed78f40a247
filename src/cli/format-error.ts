import type { BelayError } from '../errors';
import { exitCodeOfError } from './exit-codes';
import type { Colors } from './terminal';

/**
 * Returns `belay: <what and where>` and ` → <what to do>`; a message of several lines gets one problem per line. Pure.
 */
export function formatError(
  { code, message, hint }: Pick<BelayError, 'code' | 'message' | 'hint'>,
  colors: Colors,
): string {
  const [first, ...more] = message.split('\n');
  const lines =
    more.length === 0
      ? [first!]
      : [
          `${titles[code] ?? 'several things are wrong'} (${more.length + 1} problems)`,
          ...[first, ...more].map((line) => `  ${line}`),
        ];
  return [`${colors.red('belay:')} ${lines.join('\n')}`, ...(hint ? [hintLine(hint)] : [])].join('\n');
}

const titles: Partial<Record<BelayError['code'], string>> = {
  'spec-invalid': 'the spec is wrong',
  'compose-invalid': 'the Compose file cannot be used as it is',
};

export const hintLine = (hint: string): string => `  → ${hint}`;

/** Returns the same for programs. */
export const errorRecord = ({ code, message, hint }: Pick<BelayError, 'code' | 'message' | 'hint'>) => ({
  code,
  message,
  ...(hint && { hint }),
  exitCode: exitCodeOfError(code),
});

/**
 * Turns commander's `error: unknown command 'relase'
 * (Did you mean release?)` into Belay's own form; `help` is the command for more.
 */
export function formatUsageError(text: string, colors: Colors, help = 'belay --help'): string {
  const [message = '', guess] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const hint = guess ? guess.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?') : help;
  return `${colors.red('belay:')} ${message}\n${hintLine(hint)}`;
}
