import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ReleaseHandle } from '../src/client';
import type { Step } from '../src/model/plan';
import type { ReleaseStatus } from '../src/model/status';

/** Times of one step in Temporal's own history: scheduled, taken and done, in milliseconds since 1970. */
export interface StepTimes {
  step: Step;
  scheduled: number;
  started: number;
  ended: number;
}

/**
 * Returns the steps of a release, each with the times of its last attempt. Cancelled and unfinished steps are left out.
 */
export async function timelineOf(client: Client, handle: ReleaseHandle): Promise<StepTimes[]> {
  const status = await handle.status();
  const { events } = await client.workflow.getHandle(handle.workflowId).fetchHistory();
  // Inputs of activities have no needs; the plan has them.
  const steps = new Map([...status.plan!.steps, ...status.plan!.undo].map((step) => [step.id, step]));
  const open = new Map<string, Partial<StepTimes>>();
  for (const event of events ?? []) {
    const at = Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6;
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.input?.payloads?.[0]) {
      const { step } = defaultPayloadConverter.fromPayload<{ step?: Step }>(scheduled.input.payloads[0]);
      if (step) open.set(String(event.eventId), { step: steps.get(step.id) ?? step, scheduled: at });
    }
    const started = event.activityTaskStartedEventAttributes;
    if (started) Object.assign(open.get(String(started.scheduledEventId)) ?? {}, { started: at });
    const ended = event.activityTaskCompletedEventAttributes ?? event.activityTaskCanceledEventAttributes;
    if (ended) Object.assign(open.get(String(ended.scheduledEventId)) ?? {}, { ended: at });
  }
  const acted = [...open.values()].filter(
    (one): one is StepTimes => one.ended !== undefined && one.started !== undefined,
  );
  return [...acted, ...waits(status)];
}

/** Returns the steps that the workflow itself performs. */
const waits = ({ plan, steps }: ReleaseStatus): StepTimes[] =>
  plan!.steps.flatMap((step) => {
    const { startedAt, endedAt } = steps[step.id] ?? {};
    if (!['soak', 'approve', 'warm'].includes(step.kind) || !startedAt || !endedAt) return [];
    const started = Date.parse(startedAt);
    return [{ step, scheduled: started, started, ended: Date.parse(endedAt) }];
  });

/** Watches have no length of their own. */
const isWatch = ({ step }: StepTimes) => step.kind === 'validate' && step.until !== undefined;

/** Returns the length of the longest chain of needs, by the steps' own times. No schedule can be shorter. */
export function criticalPath(times: StepTimes[]): number {
  const steps = times.filter((one) => !isWatch(one));
  const byId = new Map(steps.map((one) => [one.step.id, one]));
  const known = new Map<string, number>();
  const longest = (one: StepTimes): number => {
    const before = known.get(one.step.id);
    if (before !== undefined) return before;
    const needs = one.step.needs.flatMap((id) => byId.get(id) ?? []);
    const total = one.ended - one.started + Math.max(0, ...needs.map(longest));
    known.set(one.step.id, total);
    return total;
  };
  return Math.max(0, ...steps.map(longest));
}

/** Returns the earliest start of a step: the end of its last need. */
export const startOf = ({ step }: StepTimes, ends: Map<string, number>, otherwise: number): number =>
  Math.max(otherwise, ...step.needs.flatMap((id) => ends.get(id) ?? []));

/** Returns for each step with needs the time from the last need to the start. */
export function overheads(times: StepTimes[]): number[] {
  const ends = new Map(times.filter((one) => !isWatch(one)).map((one) => [one.step.id, one.ended]));
  return times.flatMap((one) => {
    const needs = one.step.needs.flatMap((id) => ends.get(id) ?? []);
    return needs.length > 0 && !isWatch(one) ? [one.started - Math.max(...needs)] : [];
  });
}

/** Times in milliseconds. */
export interface Shape {
  criticalPath: number;
  overCriticalPath: number;
  /** Median time from a step's last need to its start, over activities. */
  overheadMedian: number;
}

export function shapeOf(times: StepTimes[]): Shape {
  const path = criticalPath(times);
  return { criticalPath: path, overCriticalPath: span(times) / path, overheadMedian: median(overheads(times)) };
}

export const span = (times: StepTimes[]): number =>
  Math.max(...times.map((one) => one.ended)) - Math.min(...times.map((one) => one.scheduled));

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
