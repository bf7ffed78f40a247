import type { Check } from '../doctor/check';
import type { Colors } from '../terminal';

/** Prints one line per check, its actions below, and a sentence at the end. Pure. */
export function renderChecks(checks: Check[], colors: Colors): string {
  const width = Math.max(...checks.map((one) => one.name.length));
  const indent = ' '.repeat(width + 4);
  const lines = checks.flatMap(({ name, state, text, todo, lines: copied = [] }) => [
    `${marks(colors)[state]} ${name.padEnd(width)}  ${text}`,
    ...todo.map((one) => `${indent}→ ${one}`),
    ...copied.map((one) => `${indent}    ${colors.bold(one)}`),
  ]);
  return [...lines, '', ending(checks, colors)].join('\n');
}

const marks = (colors: Colors) => ({ ok: colors.green('✓'), warn: colors.yellow('!'), bad: colors.red('✗') });

function ending(checks: Check[], colors: Colors): string {
  const count = (state: Check['state']) => checks.filter((one) => one.state === state).length;
  const [wrong, doubtful] = [count('bad'), count('warn')];
  const aside = doubtful > 0 ? `; ${doubtful} worth a look` : '';
  return wrong === 0
    ? `${colors.green('fit')}: nothing must be done${aside}`
    : `${colors.red(`${wrong} to fix`)}${aside}`;
}
