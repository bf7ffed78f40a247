import type { Step } from '../src/model/plan';
import type { Board } from './board';

/**
 * Returns the steps that bring an instance in again which somebody has removed from its host. They are none if the
 * graph does not launch it, or has given it a share of the traffic that they would not give.
 */
export function stepsThatReturn(name: string, steps: Step[], board: Board): Step[] {
  const isWeighed = (step: Step) =>
    step.kind === 'weigh' &&
    step.weights.some(({ instance }) => instance.name === name) &&
    board.of(step.id)?.state === 'done';
  const own = steps.filter((step) => bringsIn(step, name));
  return own.some(({ kind }) => kind === 'launch') && !steps.some(isWeighed) ? own : [];
}

function bringsIn(step: Step, name: string): boolean {
  if (step.kind === 'launch') return step.instance.name === name;
  if (step.kind === 'probe') return step.of === undefined && step.instance.name === name;
  return step.kind === 'swap' && step.enter?.name === name;
}
