import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Failure } from '../src/model/status';

const lost = ['worker-lost', 'WorkerShutdown'];
const unreachable = ['engine-unreachable', 'proxy-unreachable', 'registry-unreachable', 'lock-busy', ...lost];

/** Whoever should have acted could not be reached; trying again later is all that can be done. */
export const isUnreachable = (failure: Failure): boolean => unreachable.includes(failure.code);

/** The worker has gone, or was shut down, in the middle of it, as often as Temporal has tried. */
export const isWorkerLost = (failure: Failure): boolean => lost.includes(failure.code);

/** The host says that somebody else has the service: nothing of ours stands there, or no longer. */
export const isSuperseded = (failure: Failure): boolean =>
  failure.code === 'fence-stale' || failure.code === 'held-by-another';

export { isCancellation };

/** A mistake in this program. Temporal would try it again for ever, and nobody would hear of it. */
export const isFault = (error: unknown): error is Error =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** The workflow that is in the way, where the failure names one. */
export function obstacleOf(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const details = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return (details as { workflowId?: string } | undefined)?.workflowId;
}

/** What went wrong, in the words that activities chose. */
export function failureOf(error: unknown, step?: string): Failure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return timeout(cause, step);
  if (cause instanceof ApplicationFailure) {
    const { hint, untouched } = (cause.details?.[0] ?? {}) as { hint?: string; untouched?: true };
    const code = cause.type ?? 'unexpected';
    return { code, message: cause.message, hint, step, ...(untouched && { untouched }) };
  }
  if (cause instanceof CancelledFailure) return { code: 'cancelled', message: 'was cancelled', step };
  return { code: 'unexpected', message: cause instanceof Error ? cause.message : String(cause), step };
}

/** No worker has taken it from its task queue. */
export const isUntaken = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START';

/** What the latest attempt said with its last heartbeat. */
export const lastBeat = (error: unknown): unknown =>
  error instanceof ActivityFailure && error.cause instanceof TimeoutFailure
    ? (error.cause.lastHeartbeatDetails ?? undefined)
    : undefined;

function timeout(cause: TimeoutFailure, step?: string): Failure {
  if (cause.timeoutType === 'HEARTBEAT')
    return { code: 'worker-lost', message: 'the worker stopped answering while it worked on this step', step };
  return { code: 'timeout', message: 'took longer than the step may take', step };
}
