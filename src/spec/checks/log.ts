import { z } from 'zod';
import type { CheckWords } from './kind';

/** A line of the instance's log. */
export const log = {
  ready: {
    log: z
      .string()
      .min(1)
      .refine(isPattern, 'is not a regular expression — write one such as /listening on :\\d+/, or plain text')
      .optional()
      .describe('Text that a line of its log has since its start, or a regular expression between slashes.'),
  },
  once: true,
} satisfies CheckWords;

/** Returns if a line has the text, or matches the expression between slashes. Pure. */
export function lineMatcher(wanted: string): (line: string) => boolean {
  const [, source, flags] = /^\/(.+)\/(i?)$/.exec(wanted) ?? [];
  if (source === undefined) return (line) => line.includes(wanted);
  const pattern = new RegExp(source, flags);
  return (line) => pattern.test(line);
}

function isPattern(wanted: string): boolean {
  try {
    lineMatcher(wanted);
    return true;
  } catch {
    return false;
  }
}
