import { setTimeout as wait } from 'node:timers/promises';
import type { Deps } from '../../src/host';

const first = 50;
const factor = 1.2;

/**
 * Milliseconds between looks: 50 at first, then about a fifth of the time that has passed, and `most` in the end. So what
 * is over soon is seen soon, and what lasts is not asked without end.
 */
export function growing(most: number): () => number {
  let next = first;
  return () => {
    const now = Math.min(most, next);
    next = now * factor;
    return now;
  };
}

/** The end of an instance, told by the engine itself. */
export interface EndWatch {
  /** It has ended, or the engine cannot tell: whoever waits had better look. */
  told(): boolean;
  /** Passes so many milliseconds, or fewer where the end comes before. Throws when the step is cancelled. */
  pause(time: number): Promise<void>;
  stop(): void;
}

export function watchEnd({ runtime }: Pick<Deps, 'runtime'>, name: string, signal: AbortSignal): EndWatch {
  const over = new AbortController();
  let told = false;
  const ended = runtime
    .ended(name, AbortSignal.any([signal, over.signal]))
    .catch(() => undefined)
    .then(() => {
      told = true;
    });
  return {
    told: () => told,
    stop: () => over.abort(),
    async pause(time) {
      // It tells once; from then on time passes as it does.
      if (told) return await wait(time, undefined, { signal });
      const rest = new AbortController();
      await Promise.race([ended, wait(time, undefined, { signal: rest.signal })]);
      rest.abort();
    },
  };
}
