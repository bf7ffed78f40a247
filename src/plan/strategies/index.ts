import type { StrategyKind, StrategyOf } from '../../spec/desired';
import type { StrategyGraph } from '../graph';
import type { ServiceInput } from '../plan-release';
import { straighten } from '../straighten';
import { blueGreen, inLive } from './blue-green';
import { canary } from './canary';
import { recreate } from './recreate';
import { rolling } from './rolling';

const strategies: { [K in StrategyKind]: (input: ServiceInput, strategy: StrategyOf<K>) => StrategyGraph } = {
  rolling,
  'blue-green': blueGreen,
  canary,
  recreate,
};

/** The steps by which the service's own strategy brings it to what is desired, and those back. */
export function strategyGraph(given: ServiceInput): StrategyGraph {
  const { input, turn } = straighten(given);
  const { strategy } = input.desired;
  const graphOf = strategies[strategy.kind] as (input: ServiceInput, strategy: object) => StrategyGraph;
  const graph = graphOf(strategy.kind === 'blue-green' ? input : inLive(input), strategy);
  if (!turn) return graph;
  const steps = graph.steps.map((step) => (step.needs.length === 0 ? { ...step, needs: [turn.id] } : step));
  return { ...graph, steps: [turn, ...steps] };
}
