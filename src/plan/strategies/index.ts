import type { StrategyKind, StrategyOf } from '../../spec/desired';
import type { StrategyGraph } from '../graph';
import type { ServiceInput } from '../plan-release';
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
export function strategyGraph(input: ServiceInput): StrategyGraph {
  const { strategy } = input.desired;
  const graphOf = strategies[strategy.kind] as (input: ServiceInput, strategy: object) => StrategyGraph;
  return graphOf(strategy.kind === 'blue-green' ? input : inLive(input), strategy);
}
