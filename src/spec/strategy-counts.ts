import type { DesiredStrategy } from '../model/desired';
import { surgeCount, unavailableCount } from './rolling-counts';
import type { StrategySpec } from './spec';

/** The strategy with percentages counted for a number of instances. Pure. */
export function countedStrategy(strategy: StrategySpec, instances: number): DesiredStrategy {
  if (strategy.kind !== 'rolling') return strategy;
  const { surge, unavailable, pause_after: pauseAfter } = strategy;
  return {
    kind: 'rolling',
    surge: surgeCount(surge, instances),
    unavailable: unavailableCount(unavailable, instances),
    pause_after: pauseAfter === undefined ? undefined : surgeCount(pauseAfter, instances),
  };
}

/** The most instances above the requested number during a release of the service. Pure. */
export function extraInstances(strategy: StrategySpec, instances: number): number {
  switch (strategy.kind) {
    case 'rolling':
      return surgeCount(strategy.surge, instances);
    case 'blue-green':
      return instances;
    case 'canary':
      return mostCanaries(strategy.steps, instances);
    case 'recreate':
      return 0;
  }
}

/** The number of canaries at a weight in percent: their part of the instances, at least one. */
export const canaryCount = (weight: number, instances: number): number =>
  Math.min(instances, Math.max(1, Math.round((instances * weight) / 100)));

/** The most canaries at once. */
export const mostCanaries = (steps: Array<{ weight: number }>, instances: number): number =>
  Math.max(...steps.map(({ weight }) => canaryCount(weight, instances)));
