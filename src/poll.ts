import { setTimeout as sleep } from 'node:timers/promises';

interface Rhythm {
  /** Milliseconds between two calls. */
  every: number;
  /** Milliseconds before it gives up; without end if absent. */
  within?: number;
}

export interface Poll<T> extends Rhythm {
  /** Called until it returns something other than false and undefined. */
  until: () => T | false | undefined | Promise<T | false | undefined>;
  signal?: AbortSignal;
}

/** Returns the answer; undefined if the time is over first. Throws what `until` throws, and the signal's reason. */
export async function poll<T>({ until, every, within, signal }: Poll<T>): Promise<T | undefined> {
  const isOver = deadline(within);
  for (;;) {
    signal?.throwIfAborted();
    const answer = await until();
    if (answer !== undefined && answer !== false) return answer;
    if (isOver()) return undefined;
    await sleep(every, undefined, { signal }).catch(() => undefined);
  }
}

export interface Retry<T> extends Rhythm {
  attempt: () => Promise<T>;
  /** Returns true if a later try may succeed. */
  passes: (error: unknown) => boolean;
}

/** Tries again while the error may pass. Throws any other error, and the last one once the time is over. */
export async function retry<T>({ attempt, passes, every, within }: Retry<T>): Promise<T> {
  const isOver = deadline(within);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!passes(error) || isOver()) throw error;
      await sleep(every);
    }
  }
}

function deadline(within = Number.POSITIVE_INFINITY): () => boolean {
  const end = Date.now() + within;
  return () => Date.now() >= end;
}
