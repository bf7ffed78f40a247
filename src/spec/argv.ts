import { z } from 'zod';

/** A program and its arguments; no shell reads them. `empty` is the message for a list without words. */
export const argv = (empty?: string) =>
  z
    .array(z.string().min(1), { error: ({ input }) => oneLine(input) })
    .min(1, empty === undefined ? undefined : { error: empty });

/** Returns the message for a line in place of the list, and the list that does what the line says; undefined for no text. */
export const oneLine = (input: unknown): string | undefined =>
  typeof input === 'string' && input.trim() !== ''
    ? `is one text — write a list, as ${listOf(input.trim())}`
    : undefined;

/** Only a shell reads quotes, variables and operators. */
const listOf = (line: string): string =>
  /["'`$|&;<>(){}*?~\\\n]/.test(line)
    ? `[sh, -c, ${JSON.stringify(line)}]`
    : `[${line.split(/\s+/).map(inYaml).join(', ')}]`;

/** YAML reads some words as other than text. */
const inYaml = (word: string): string =>
  /^(-{1,2}[A-Za-z]|\.{0,2}\/|[A-Za-z_])[\w./=+-]*$/.test(word) && !keyword.test(word) ? word : `"${word}"`;
const keyword = /^(true|false|null|yes|no|on|off|y|n|\.(inf|nan))$/i;
