import type { DesiredService } from '../model/desired';
import { headOfPast } from '../model/head';
import type { ObservedService } from '../model/observed';
import type { Downtime, StepKind } from '../model/plan';
import { usualHold } from '../spec/hold';
import type { StrategyGraph } from './graph';
import type { ServiceInput } from './plan-release';

/**
 * Returns the time without a serving instance, and whether requests wait for all of it; undefined without such a time.
 */
export function downtimeOf(
  { desired, observed, lending }: Pick<ServiceInput, 'desired' | 'observed' | 'lending'>,
  { downtime: atMost }: Pick<StrategyGraph, 'downtime'>,
): Downtime | undefined {
  if (!atMost) return undefined;
  const usual = lastTime(observed);
  const isOpen = !lending || lending.redirected;
  const held = isOpen ? holdOf(desired) : 0;
  return { atMost, usual, ...((usual ?? atMost) <= held && { held }) };
}

/** Returns the sum of the steps' times in the last release. */
function lastTime(observed: ObservedService): number | undefined {
  const timings = headOfPast(observed)?.timings;
  const kinds: StepKind[] = ['drain', 'retire', 'launch', 'probe', 'swap'];
  return timings && kinds.reduce((sum, kind) => sum + (timings[kind] ?? 0), 0);
}

/** Returns how long requests wait on every route, in milliseconds; 0 if one of the routes lets none wait. */
function holdOf({ routes, fronts = [] }: DesiredService): number {
  const holds = routes.map(({ proxy, backend }) => {
    const front = fronts.find((one) => one.proxy === proxy)?.routes.find((route) => route.backend === backend);
    return front ? (front.hold ?? usualHold) : 0;
  });
  return Math.min(...holds, holds.length > 0 ? Infinity : 0);
}
