import { poll } from '../src/poll';

export type Wait = {
  /** Name of the condition, for the error's message. */
  what: string;
  /** Polled until it returns a truthy value. A throw counts as "not yet", and its message ends up in the error. */
  until: () => unknown;
  /** Milliseconds; 40,000 by default. */
  within?: number;
  /** Milliseconds between polls; 50 by default. */
  every?: number;
};

/** Polls until the condition holds. Throws when the time is over. */
export async function waitFor({ what, until, within = 40_000, every = 50 }: Wait): Promise<void> {
  let cause: unknown;
  const holds = async () => {
    try {
      return Boolean(await until());
    } catch (error) {
      cause = error;
      return false;
    }
  };
  if (await poll({ until: holds, every, within })) return;
  throw new Error(`${what}: not within ${within} ms`, { cause });
}
