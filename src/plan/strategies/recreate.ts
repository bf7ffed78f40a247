import type { StrategyGraph } from '../graph';
import type { ServiceInput } from '../plan-release';
import { createReplacement } from '../replacement';

/** Stops all old instances before the first new one is launched: never two versions at once, and nobody serves meanwhile. */
export function recreate(input: ServiceInput): StrategyGraph {
  const { instances } = input.desired;
  const replacement = createReplacement(input, { surge: 0, unavailable: instances, room: 'gone' });
  while (replacement.waiting().length > 0) replacement.letGo();
  replacement.untilGone();
  replacement.finish();
  return replacement.graph();
}
