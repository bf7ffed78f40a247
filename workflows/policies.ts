import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import type { Step } from '../src/model/plan';
import { longest, summaryOf } from '../src/model/steps';

/**
 * Time-outs and retries by kind of step. A dead worker is noticed within `heartbeatTimeout`. A step waits without a
 * deadline for a worker to take it: after each time-out it is scheduled again.
 */
const common = {
  heartbeatTimeout: '2s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '2s', maximumAttempts: 6 },
} satisfies ActivityOptions;

/** Returns the task queue of the host's worker; without a name, the queue that all workers poll. */
export const queueOf = (host?: string): string => (host ? `belay-host-${host}` : 'belay');

export interface Planning {
  /** Empty if any worker may plan. */
  host: string;
  /** Milliseconds for a worker to take the task; absent: no deadline. */
  untilTaken?: number;
}

/** Planning asks the registry and the engine, and changes nothing. */
export const planning = ({ host, untilTaken }: Planning): ActivityOptions => ({
  ...common,
  taskQueue: queueOf(host),
  ...(untilTaken !== undefined && { scheduleToStartTimeout: untilTaken }),
  startToCloseTimeout: '2m',
  summary: 'observe the hosts',
});

const minute = 60_000;

/**
 * Returns the options of the step's activity.
 * @param within milliseconds for a worker to take it.
 */
export const optionsFor = (step: Step, within: number): ActivityOptions => ({
  ...common,
  scheduleToStartTimeout: within,
  taskQueue: queueOf(step.host),
  startToCloseTimeout: longest(step),
  summary: summaryOf(step),
});

/**
 * Returns the milliseconds before the next try of an unreachable host. They are 5 s at first, at most a quarter of an
 * hour. A week of tries then fits into a workflow's history. A rollback waits two minutes at most, because fewer
 * instances may serve.
 */
export const unreachablePause = (tries: number, way: 'forward' | 'back'): number =>
  Math.min((way === 'back' ? 2 : 15) * minute, 5_000 * 1.5 ** tries);
