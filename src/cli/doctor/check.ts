import { asBelayError } from '../../errors';

/** One thing that was looked at. */
export interface Check {
  /** What was looked at, in a word or two. */
  name: string;
  /** bad: a release cannot succeed. warn: it can, and something is worth a look. */
  state: 'ok' | 'warn' | 'bad';
  /** What was found. */
  text: string;
  /** What to do, one thing a line. */
  todo: string[];
  /** To be copied into a file, as they stand. */
  lines?: string[];
}

export const ok = (name: string, text: string): Check => ({ name, state: 'ok', text, todo: [] });
export const warn = (name: string, text: string, ...todo: string[]): Check => ({ name, state: 'warn', text, todo });
export const bad = (name: string, text: string, ...todo: string[]): Check => ({ name, state: 'bad', text, todo });

/** A look that throws has found something bad. */
export async function check(name: string, look: () => Promise<Check | Check[]>): Promise<Check[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    const { message, hint } = asBelayError(error);
    const [first, ...more] = message.split('\n');
    return [bad(name, first!, ...more, ...(hint ? [hint] : []))];
  }
}
