import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Failure } from '../src/model/status';

const lost = ['worker-lost', 'WorkerShutdown'];
const unreachable = ['engine-unreachable', 'proxy-unreachable', 'registry-unreachable', 'lock-busy', ...lost];

/** True if a host, engine, proxy or registry could not be reached. Only a later try can help. */
export const isUnreachable = (failure: Failure): boolean => unreachable.includes(failure.code);

/** True if the worker was lost or shut down at every attempt that Temporal made. */
export const isWorkerLost = (failure: Failure): boolean => lost.includes(failure.code);

/** True if another release holds the service, so that this one has nothing left on the host. */
export const isSuperseded = (failure: Failure): boolean =>
  failure.code === 'fence-stale' || failure.code === 'held-by-another';

export { isCancellation };

/** True for a mistake in Belay itself. Temporal would retry it for ever, and nobody would notice. */
export const isFault = (error: unknown): error is Error =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** Returns the workflow that holds the service, if the failure names one. */
export function obstacleOf(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const details = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return (details as { workflowId?: string } | undefined)?.workflowId;
}

/** Returns the failure in the words of the activity. */
export function failureOf(error: unknown, step?: string): Failure {
  const cause = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return timeout(cause, step);
  if (cause instanceof ApplicationFailure) {
    const details = (cause.details?.[0] ?? {}) as Partial<Failure> & { cause?: Failure };
    const { hint, untouched, gone } = details;
    const code = cause.type ?? 'unexpected';
    // A workflow's own text has the hint too.
    const message = details.message ?? details.cause?.message ?? cause.message;
    return { code, message, hint, step, ...(untouched && { untouched }), ...(gone && { gone }) };
  }
  if (cause instanceof CancelledFailure) return { code: 'cancelled', message: 'was cancelled', step };
  return { code: 'unexpected', message: cause instanceof Error ? cause.message : String(cause), step };
}

/** True if no worker took the activity from its task queue in time. */
export const isUntaken = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START';

/** Returns what a cancelled step leaves to the next run of the workflow; undefined if it left nothing. */
export const leftBy = (error: unknown): unknown =>
  error instanceof ActivityFailure && error.cause instanceof CancelledFailure ? error.cause.details?.[0] : undefined;

/** Returns the last note of a cancelled step. */
export const lastNote = (error: unknown): string | undefined => (leftBy(error) as { note?: string } | undefined)?.note;

/** Returns the details of the latest attempt's last heartbeat. */
export const lastBeat = (error: unknown): unknown =>
  error instanceof ActivityFailure && error.cause instanceof TimeoutFailure
    ? (error.cause.lastHeartbeatDetails ?? undefined)
    : undefined;

function timeout(cause: TimeoutFailure, step?: string): Failure {
  if (cause.timeoutType === 'HEARTBEAT')
    return { code: 'worker-lost', message: 'the worker stopped answering while it worked on this step', step };
  return { code: 'timeout', message: 'took longer than the step may take', step };
}
