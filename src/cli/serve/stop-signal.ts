import type { Context } from '../context';

/** Aborts on Ctrl-C, SIGTERM, or a closed terminal. A second signal ends the process at once. */
export function untilTold({ interrupted }: Pick<Context, 'interrupted'>): AbortSignal {
  const told = new AbortController();
  const stop = () => told.abort();
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  interrupted.addEventListener('abort', stop, { once: true });
  return told.signal;
}

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
