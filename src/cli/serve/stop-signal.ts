import type { Context } from '../context';

/** Aborted when somebody wants this process to end: Ctrl-C, SIGTERM, a terminal that is closed. The second time ends it at once. */
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
