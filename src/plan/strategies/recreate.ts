import { sortFleet } from '../fleet';
import type { StrategyGraph } from '../graph';
import type { ServiceInput } from '../plan-release';
import { createReplacement } from '../replacement';

/**
 * Stops all old instances before the first new one is launched. Two versions never run at once, and no instance serves
 * meanwhile.
 */
export function recreate(input: ServiceInput): StrategyGraph {
  const { instances } = input.desired;
  const { keep, leave } = sortFleet(input.desired, input.observed);
  const isDown = keep.length === 0 && leave.length > 0 && instances > 0;
  const replacement = createReplacement(input, { surge: 0, unavailable: instances, room: 'gone' });
  while (replacement.waiting().length > 0) replacement.takeOutOne();
  replacement.untilGone();
  replacement.finish();
  return { ...replacement.graph(), downtime: isDown ? longestGap(input) : undefined };
}

const minute = 60_000;

/** Returns the longest time without a serving instance: drain, stop and readiness each at their limit. */
export function longestGap({ desired: { drain, stop, ready } }: ServiceInput): number {
  return drain.deadline + stop.grace + (ready ? ready.grace + ready.within : minute);
}
