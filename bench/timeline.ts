import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ReleaseHandle } from '../src/client';
import type { Step } from '../src/model/plan';
import type { ReleaseStatus } from '../src/model/status';

/** When one step of a release was scheduled, taken up and done, in milliseconds since 1970, by Temporal's own history. */
export interface StepTimes {
  step: Step;
  scheduled: number;
  started: number;
  ended: number;
}

/** The steps of a release, each with the times of its last attempt; what was cancelled or never done is left out. */
export async function timelineOf(client: Client, handle: ReleaseHandle): Promise<StepTimes[]> {
  const status = await handle.status();
  const { events } = await client.workflow.getHandle(handle.workflowId).fetchHistory();
  // Inputs of activities say nothing of needs.
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

/** Steps that the workflow itself carries out. */
const waits = ({ plan, steps }: ReleaseStatus): StepTimes[] =>
  plan!.steps.flatMap((step) => {
    const { startedAt, endedAt } = steps[step.id] ?? {};
    if (!['soak', 'approve', 'warm'].includes(step.kind) || !startedAt || !endedAt) return [];
    const started = Date.parse(startedAt);
    return [{ step, scheduled: started, started, ended: Date.parse(endedAt) }];
  });

/** Steps that accompany others have no length of their own. */
const isWatch = ({ step }: StepTimes) => step.kind === 'validate' && step.until !== undefined;

/** The longest chain of needs, each step counted with the time it itself took: no schedule can be shorter. */
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

/** When a step could have begun: at the end of the last of those that it came after. */
export const startOf = ({ step }: StepTimes, ends: Map<string, number>, otherwise: number): number =>
  Math.max(otherwise, ...step.needs.flatMap((id) => ends.get(id) ?? []));

/** For each step with needs: from the end of the last of them to its scheduling, and from there to its start. */
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
  /** Of a step: from the end of what it came after to its own start, at an attempt of an activity. */
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
