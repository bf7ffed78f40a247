import type { Finding } from '../../checks/finding';
import { asBelayError } from '../../errors';
import type { SpecError } from '../../spec/problem';

/** Result of one check. */
export interface Check {
  /** Subject of the check, in a word or two. */
  name: string;
  /** bad: a release cannot succeed. warn: a release can succeed, but see the text. */
  state: 'ok' | 'warn' | 'bad';
  /** The finding. */
  text: string;
  /** Actions to take, one per line. */
  todo: string[];
  /** The places of wrong values, as editors jump to them; `todo` has the same in words. */
  places?: SpecError[];
  /** Lines to copy into a file. */
  lines?: string[];
}

export const ok = (name: string, text: string): Check => ({ name, state: 'ok', text, todo: [] });
export const warn = (name: string, text: string, ...todo: string[]): Check => ({ name, state: 'warn', text, todo });
export const bad = (name: string, text: string, ...todo: string[]): Check => ({ name, state: 'bad', text, todo });

/** A finding that a release goes by too. */
export const checkOf = ({ name, state, text, hint }: Finding): Check => ({
  name,
  state: state === 'fail' ? 'bad' : state,
  text,
  todo: hint ? [hint] : [],
});

/** Turns an error of a look into a bad check. */
export async function check(name: string, look: () => Promise<Check | Check[]>): Promise<Check[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    const { message, hint } = asBelayError(error);
    const [first, ...more] = message.split('\n');
    return [bad(name, first!, ...more, ...(hint ? [hint] : []))];
  }
}
