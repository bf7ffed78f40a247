import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadOptions, LoadReport, LoadResult } from './load-messages';
import { fromSetup } from './root';

export type { LoadOptions, LoadReport, LoadResult, LoadSegment } from './load-messages';

export type Load = {
  pid: number;
  /** Returns the counts so far, in all and for each phase. */
  snapshot(): Promise<LoadReport>;
  /** Begins a phase: later requests count for it. The first phase is 'start'. */
  mark(phase: string): Promise<void>;
  /**
   * Stops sending, waits for requests in flight, and returns the final counts with the first failures. A second call
   * returns the same.
   */
  stop(): Promise<LoadResult>;
};

/**
 * Starts a closed-loop load in a process of its own, and counts every failure that a client sees. Resolves after the
 * first request. The load ends after `maxSeconds`, or when this process dies.
 */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const child = fork(fromSetup('dist', 'testbed', 'load-process.js'), { execArgv: [], stdio: 'inherit' });
  const call = caller(child);
  await call('start', options);
  const end = async (): Promise<LoadResult> => {
    const exited = once(child, 'exit');
    const result = (await call('stop')) as LoadResult;
    child.disconnect();
    await exited;
    return result;
  };
  let ended: Promise<LoadResult> | undefined;
  return {
    pid: child.pid!,
    snapshot: () => call('snapshot') as Promise<LoadReport>,
    mark: async (phase) => void (await call('mark', phase)),
    stop: () => (ended ??= end()),
  };
}

function caller(child: ChildProcess) {
  let lastId = 0;
  return (verb: string, argument?: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const onMessage = (message: unknown) => {
        const answer = message as { id: number; value?: unknown };
        if (answer.id === id) settle(() => resolve(answer.value));
      };
      const onExit = (code: number | null) => settle(() => reject(new Error(`the load process ended with ${code}`)));
      const settle = (finish: () => void) => {
        child.off('message', onMessage).off('exit', onExit);
        finish();
      };
      child.on('message', onMessage).once('exit', onExit);
      child.send({ id, verb, argument }, (error) => error && settle(() => reject(error)));
    });
}
