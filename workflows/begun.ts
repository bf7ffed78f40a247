import type { Step } from '../src/model/plan';
import { isIrreversible } from '../src/model/steps';
import type { Board } from './board';
import { isSuperseded } from './failures';

/**
 * True if the step may have changed the host. A refused claim has not, and neither has a step that failed before its
 * first change.
 */
export function wasBegun(board: Board, id: string): boolean {
  const entry = board.of(id);
  if (!entry?.startedAt) return false;
  const { state, failure } = entry;
  return !(state === 'failed' && failure && (failure.untouched || isSuperseded(failure)));
}

/** Returns the step after whose start the release cannot roll back, if it has begun. */
export const pointOfNoReturn = (board: Board): Step | undefined =>
  board.status.plan?.steps.find((step) => isIrreversible(step) && wasBegun(board, step.id) && !isIdle(step, board));

/** True for a job, or the gate before it, if the run that asks has found nothing to do. */
export function isIdle(step: Step, board: Board): boolean {
  const steps = board.status.plan?.steps ?? [];
  const job =
    step.kind === 'approve' ? steps.find(({ kind, needs }) => kind === 'job' && needs.includes(step.id)) : step;
  const { unless } = job?.kind === 'job' ? job : {};
  const asking = unless && steps.find((one) => one.kind === 'job' && one.instance.name === unless.name);
  return asking !== undefined && board.of(asking.id)?.idle === true;
}
