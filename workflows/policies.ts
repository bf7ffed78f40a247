import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import type { Step } from '../src/model/plan';
import { describe, longest } from '../src/model/steps';

/**
 * Time-outs and retries by kind of step. A worker that dies is noticed within `heartbeatTimeout`. A step waits for its
 * worker without a deadline: where none takes it in time, it is asked for again.
 */
const common = {
  heartbeatTimeout: '2s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '2s', maximumAttempts: 6 },
} satisfies ActivityOptions;

/** The task queue of a host's worker; without a name the one that all workers poll. */
export const queueOf = (host?: string): string => (host ? `belay-host-${host}` : 'belay');

export interface Planning {
  /** Empty where any worker may plan. */
  host: string;
  /** Milliseconds within which a worker has to take it; without it, it waits as a step does. */
  untilTaken?: number;
}

/** Making the plan asks the registry and the engine, and changes nothing. */
export const planning = ({ host, untilTaken }: Planning): ActivityOptions => ({
  ...common,
  taskQueue: queueOf(host),
  ...(untilTaken !== undefined && { scheduleToStartTimeout: untilTaken }),
  startToCloseTimeout: '2m',
  summary: 'observe the hosts, make the plan',
});

const minute = 60_000;

/** @param within milliseconds that a worker has to take it. */
export const optionsFor = (step: Step, within: number): ActivityOptions => ({
  ...common,
  scheduleToStartTimeout: within,
  taskQueue: queueOf(step.host),
  startToCloseTimeout: longest(step),
  summary: `${step.service}: ${describe(step)}`,
});

/**
 * Milliseconds to wait before a host that is out of reach is tried again: 5 s at first, a quarter of an hour in the end.
 * So even a week of it fits into a workflow's history. On the way back, where less may be in traffic, it is two minutes
 * at most.
 */
export const unreachablePause = (tries: number, way: 'forward' | 'back'): number =>
  Math.min((way === 'back' ? 2 : 15) * minute, 5_000 * 1.5 ** tries);
