import type { StrategyKind, StrategyOf } from '../../model/desired';
import type { Step } from '../../model/plan';
import { withEvenShares } from '../even-out';
import type { StrategyGraph } from '../graph';
import type { ServiceInput } from '../plan-release';
import { straighten } from '../straighten';
import { blueGreen, inLive } from './blue-green';
import { canary } from './canary';
import { inPlace } from './in-place';
import { job } from './job';
import { recreate } from './recreate';
import { rolling } from './rolling';

const strategies: { [K in StrategyKind]: (input: ServiceInput, strategy: StrategyOf<K>) => StrategyGraph } = {
  rolling,
  'blue-green': blueGreen,
  canary,
  recreate,
  'in-place': inPlace,
  job,
};

/** Returns the steps of the service's own strategy, forward and undo. */
export function strategyGraph(given: ServiceInput): StrategyGraph {
  const { input, turn } = straighten(given);
  const { strategy } = input.desired;
  const graphOf = strategies[strategy.kind] as (input: ServiceInput, strategy: object) => StrategyGraph;
  const live = strategy.kind === 'blue-green' ? input : inLive(input);
  const graph = withEvenShares(live, graphOf(live, strategy));
  const steps = oneByName(graph.steps);
  if (!turn) return { ...graph, steps };
  const after = steps.map((step) => (step.needs.length === 0 ? { ...step, needs: [turn.id] } : step));
  return { ...graph, steps: [turn, ...after] };
}

/**
 * A left-over container goes before another of its name is launched: Compose's containers return under their own names.
 */
function oneByName(steps: Step[]): Step[] {
  const retires = new Map<string, string>();
  return steps.map((step) => {
    if (step.kind === 'retire') retires.set(step.instance.name, step.id);
    const retire = step.kind === 'launch' && retires.get(step.instance.name);
    return retire ? { ...step, needs: [...new Set([...step.needs, retire])] } : step;
  });
}
