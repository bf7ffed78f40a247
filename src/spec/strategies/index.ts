import { z } from 'zod';
import { BlueGreenStrategy, blueGreen } from './blue-green';
import { CanaryStrategy, canary } from './canary';
import type { DesiredStrategy, StrategyKind as Kind } from './counted';
import { InPlaceStrategy, inPlace } from './in-place';
import { JobStrategy, job } from './job';
import type { StrategyKind } from './kind';
import { RecreateStrategy, recreate } from './recreate';
import { RollingStrategy, rolling } from './rolling';

export { canaryCount, mostCanaries } from './canary';

export const Strategy = z.discriminatedUnion('kind', [
  RollingStrategy,
  BlueGreenStrategy,
  CanaryStrategy,
  RecreateStrategy,
  InPlaceStrategy,
  JobStrategy,
]);
export type StrategySpec = z.infer<typeof Strategy>;

/** The traits of each kind of strategy. A new kind is a file here, a line, and a member of `Strategy`. */
const kinds = { rolling, 'blue-green': blueGreen, canary, recreate, 'in-place': inPlace, job };

type Any = StrategyKind<StrategySpec, DesiredStrategy>;
export const strategyKind = (kind: Kind): Any => (kinds satisfies Record<Kind, unknown>)[kind] as unknown as Any;

/** Returns the strategy with percentages counted for a number of instances. Pure. */
export const countedStrategy = (strategy: StrategySpec, instances: number): DesiredStrategy =>
  strategyKind(strategy.kind).counted(strategy, instances);

/** The most instances above the requested number during a release of the service. Pure. */
export const extraInstances = (strategy: StrategySpec, instances: number): number =>
  strategyKind(strategy.kind).extra(strategy, instances);
