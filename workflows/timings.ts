import type { Plan, Step, Timings } from '../src/model/plan';
import { timedKinds } from '../src/model/steps';
import type { Board } from './board';

/** Returns the median duration of each kind of step of a service, over its finished steps, in milliseconds. */
export function timingsOf(plan: Plan, service: string, board: Board): Timings {
  const done = plan.steps.filter((step) => step.service === service && board.of(step.id)?.state === 'done');
  const entries = timedKinds.map(
    (kind) => [kind, median(done.filter((step) => step.kind === kind).map(timeOf))] as const,
  );
  return Object.fromEntries(entries.filter(([, time]) => time !== undefined));

  function timeOf(step: Step): number {
    const { startedAt, endedAt } = board.of(step.id)!;
    return Date.parse(endedAt!) - Date.parse(startedAt!);
  }
}

function median(times: number[]): number | undefined {
  return [...times].sort((a, b) => a - b)[times.length >> 1];
}
