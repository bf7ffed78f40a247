import type { ObservedInstance } from '../model/observed';
import type { Step, StepOf } from '../model/plan';
import { refOf } from './fleet';
import { type StrategyGraph, stepId, stepMaker } from './graph';
import type { ServiceInput } from './plan-release';

/**
 * Returns the graph with a step that resets the shares that an unfinished release has left, and with its undo step. A
 * strategy with shares of its own has done so itself.
 */
export function withEvenShares(input: ServiceInput, graph: StrategyGraph): StrategyGraph {
  if (graph.steps.some(({ kind }) => kind === 'weigh')) return graph;
  // Otherwise they would first get a greater share.
  const leaving = graph.steps.filter(leavesAtOnce);
  const odd = input.observed.instances.filter(
    (one) => isWeighed(one) && !leaving.some(({ leave }) => leave!.name === one.name),
  );
  if (odd.length === 0) return graph;
  const even = stepMaker(input, 'forward')('weigh', {
    name: 'even',
    weights: odd.map((one) => ({ instance: refOf(one) })),
    needs: leaving.map(({ id }) => id),
  });
  const needs = graph.undo.filter(({ kind }) => kind === 'swap').map(({ id }) => id);
  return {
    ...graph,
    steps: [even, ...graph.steps],
    undo: [...graph.undo, sharesBack(input, odd, { first: 'even', needs })],
  };
}

/** Returns the undo step that gives the instances the shares that they had. `first` names the first `weigh` step. */
export function sharesBack(
  input: ServiceInput,
  instances: ObservedInstance[],
  { first: name, needs }: { first: string; needs: string[] },
): Step {
  return stepMaker(input, 'undo')('weigh', {
    name: 'even',
    weights: instances.map((one) => ({ instance: refOf(one), ...one.weighed })),
    undoes: stepId({ service: input.desired.service, way: 'forward', kind: 'weigh', name }),
    needs,
  });
}

const leavesAtOnce = (step: Step): step is StepOf<'swap'> =>
  step.kind === 'swap' && step.leave !== undefined && !step.enter && step.needs.length === 0;

const isWeighed = ({ state, traffic, weighed }: ObservedInstance): boolean =>
  weighed !== undefined && state === 'running' && traffic === 'in';
