import { setTimeout as wait } from 'node:timers/promises';
import type { Runtime } from '../../src/runtimes/runtime';

/** Longest milliseconds between looks: while the engine reports the end by itself, and without that. */
export const besideEngine = 1_000;
export const withoutEngine = 100;

const first = 50;
const factor = 1.2;

/**
 * Returns milliseconds between looks. They are 50 at first, then about a fifth of the passed time, at last `most`. So
 * short waits end soon, and long ones cost few requests.
 */
export function growing(most: number): () => number {
  let next = first;
  return () => {
    const now = Math.min(most, next);
    next = now * factor;
    return now;
  };
}

/** Watches for an instance's end, as the engine reports it. */
export interface EndWatch {
  /** True if the instance has ended, or the engine cannot tell: the caller should look. */
  told(): boolean;
  /** Waits so many milliseconds, or until the end of the instance. Throws when the step is cancelled. */
  pause(time: number): Promise<void>;
  stop(): void;
}

export function watchEnd(
  { runtime }: { runtime: Pick<Runtime, 'ended'> },
  name: string,
  signal: AbortSignal,
): EndWatch {
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
      // The watch reports once; later pauses last their full time.
      if (told) return await wait(time, undefined, { signal });
      const rest = new AbortController();
      await Promise.race([ended, wait(time, undefined, { signal: rest.signal })]);
      rest.abort();
    },
  };
}
