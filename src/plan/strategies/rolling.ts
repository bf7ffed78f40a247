import type { StrategyOf } from '../../spec/desired';
import type { StrategyGraph } from '../graph';
import type { ServiceInput } from '../plan-release';
import { approval, createReplacement } from '../replacement';

/**
 * Replaces instances a few at a time: never more than count + surge (a drained one does not count), and never fewer in
 * traffic than count - unavailable, or than serve already, where that is less.
 */
export function rolling(input: ServiceInput, strategy: StrategyOf<'rolling'>): StrategyGraph {
  const { desired } = input;
  const { surge, unavailable, pause_after: pauseAfter } = strategy;
  const replacement = createReplacement(input, { surge, unavailable, room: 'drained' });
  let asked = false;
  replacement.evenOut();
  replacement.finish(() => {
    const inTraffic = replacement.entered().length;
    if (asked || inTraffic !== pauseAfter || replacement.missing() === 0) return;
    const question = `${inTraffic} of ${desired.instances} instances of ${desired.service} run the new revision: go on?`;
    replacement.barrier(approval(input, question, { needs: replacement.ids() }));
    asked = true;
  });
  return replacement.graph();
}
