import type { PlannedService } from '../model/desired';
import type { ObservedService } from '../model/observed';
import type { Fit } from '../model/plan';
import { strategyKind } from '../spec/strategies';
import type { StrategyGraph } from './graph';

/** The drain's deadline where the spec has none, in milliseconds: its user means nothing by it. */
export const usualDeadline = 30_000;

/** Returns the load of a release on its host. */
export function fitOf(
  { strategy, instances, stop, drain, leaders = [] }: PlannedService,
  observed: ObservedService,
  { steps }: StrategyGraph,
): Fit {
  const running = observed.instances.filter(({ state }) => state === 'running').length;
  const extra = strategyKind(strategy.kind).extra(strategy as never, instances);
  const launches = steps.filter(({ kind }) => kind === 'launch').length;
  const stops = steps.some(({ kind }) => kind === 'retire');
  const isCounted = steps.some((step) => step.kind === 'drain' && step.instance.slots.length > 0);
  const isMeant = drain.deadline !== usualDeadline;
  return {
    extra: Math.min(launches, Math.max(0, instances + extra - running)),
    ...(stops && { stop }),
    ...(isMeant && !(isCounted && leaders.length === 0) && { uncounted: drain.deadline }),
  };
}
