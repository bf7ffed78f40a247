import { setTimeout as pause } from 'node:timers/promises';
import type { ReleaseHandle } from '../client';
import { BelayError } from '../errors';
import type { Plan } from '../model/plan';

/**
 * Returns the plan of a release or rollback that was started as a dry run. Cancels the dry run if no worker answers, or
 * on Ctrl-C. Throws `temporal-unreachable`, `worker-unreachable`, and the errors of input or spec.
 */
export async function planOf(handle: ReleaseHandle, interrupted: AbortSignal): Promise<Plan> {
  const over = new AbortController();
  try {
    const { plan } = await Promise.race([
      handle.result(),
      untilNobodyAnswers(handle, over.signal),
      whenInterrupted(interrupted),
    ]);
    if (plan) return plan;
    throw new BelayError('unexpected', `the dry run ${handle.workflowId} ended without a plan`, {
      hint: 'is the worker of the same version as this command?',
    });
  } catch (error) {
    await handle.cancel().catch(() => undefined); // An ended dry run cannot be cancelled.
    const isAway = error instanceof BelayError && error.code === 'temporal-unreachable';
    throw isAway ? calledOff(error.message, error) : error;
  } finally {
    over.abort();
  }
}

/** Error for Ctrl-C before the start. */
export const interruption = (): BelayError => new BelayError('unexpected', 'interrupted; nothing was changed');

/** Never resolves; planning may take long, as long as a worker answers. */
async function untilNobodyAnswers(handle: ReleaseHandle, over: AbortSignal): Promise<never> {
  for (;;) {
    await pause(1_000, undefined, { signal: over });
    if (over.aborted) throw over.reason;
    await handle.status().catch(unanswered);
  }
}

const whenInterrupted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(interruption());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });

/** A dry run does not wait for a worker. */
function unanswered(error: unknown): never {
  if (!(error instanceof BelayError) || error.code !== 'worker-unreachable') throw error;
  throw calledOff('no worker answers', error);
}

const calledOff = (why: string, cause: BelayError): BelayError =>
  new BelayError(cause.code, `${why}, so there is no plan; the dry run was cancelled`, { hint: cause.hint, cause });
