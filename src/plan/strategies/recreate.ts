import { sortFleet } from '../fleet';
import type { StrategyGraph } from '../graph';
import type { ServiceInput } from '../plan-release';
import { createReplacement } from '../replacement';

/** Stops all old instances before the first new one is launched: never two versions at once, and nobody serves meanwhile. */
export function recreate(input: ServiceInput): StrategyGraph {
  const { instances } = input.desired;
  const { keep, leave } = sortFleet(input.desired, input.observed);
  const isDown = keep.length === 0 && leave.length > 0 && instances > 0;
  const replacement = createReplacement(input, { surge: 0, unavailable: instances, room: 'gone' });
  while (replacement.waiting().length > 0) replacement.letGo();
  replacement.untilGone();
  replacement.finish();
  return { ...replacement.graph(), downtime: isDown ? longest(input) : undefined };
}

const minute = 60_000;

/** Out of traffic, stopped, and the new ones ready, each as late as it may be. */
function longest({ desired: { drain, stop, ready } }: ServiceInput): number {
  return drain.deadline + stop.grace + (ready ? ready.grace + ready.within : minute);
}
