import type { Step } from '../src/model/plan';
import type { ReleaseStatus } from '../src/model/status';

/**
 * Returns the milliseconds from the first step that took something out of service to the last one that brought it back;
 * undefined if a restore stopped nothing. Pure.
 */
export function gapOf({ kind, plan, steps: states }: ReleaseStatus): number | undefined {
  if (kind !== 'restore' || !plan) return undefined;
  const all = [...plan.steps, ...plan.undo];
  const times = (isMeant: (step: Step) => boolean, at: 'startedAt' | 'endedAt') =>
    all
      .filter(isMeant)
      .flatMap(({ id }) => states[id]?.[at] ?? [])
      .map(Date.parse);
  const began = times(isOut, 'startedAt');
  const ended = times(isBack, 'endedAt');
  return began.length > 0 && ended.length > 0 ? Math.max(...ended) - Math.min(...began) : undefined;
}

const isOut = (step: Step): boolean => step.kind === 'halt' || (step.kind === 'swap' && step.leave !== undefined);
const isBack = (step: Step): boolean =>
  step.kind === 'resume' || step.kind === 'probe' || (step.kind === 'swap' && step.enter !== undefined);
