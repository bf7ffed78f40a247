import type { StrategyOf } from '../../model/desired';
import { sortFleet } from '../fleet';
import { approval, type StrategyGraph } from '../graph';
import type { ServiceInput } from '../plan-release';
import { createReplacement } from '../replacement';
import { leadsTo } from '../slots';

/**
 * Replaces instances a few at a time. At most count + surge run; an instance without new requests does not count. At
 * least count - unavailable are in traffic, or all serving ones if these are fewer.
 */
export function rolling(input: ServiceInput, strategy: StrategyOf<'rolling'>): StrategyGraph {
  const { desired } = input;
  const { surge, unavailable, warnings } = boundsThatFit(input, strategy);
  const replacement = createReplacement(input, { surge, unavailable, room: 'left' });
  let asked = false;
  replacement.finish(() => {
    const inTraffic = replacement.entered().length;
    if (asked || inTraffic !== strategy.pause_after || replacement.missing() === 0) return;
    const question = `${inTraffic} of ${desired.instances} instances of ${desired.service} run the new revision: go on?`;
    replacement.barrier(approval(input, question, { needs: replacement.ids() }));
    asked = true;
  });
  return { ...replacement.graph(), warnings };
}

/** Returns bounds that fit the proxy: without a server for an extra instance, one instance fewer serves meanwhile. */
function boundsThatFit(input: ServiceInput, { surge, unavailable }: StrategyOf<'rolling'>) {
  const { desired } = input;
  const room = extraRoom(input);
  if (room >= surge || desired.instances === 1) return { surge, unavailable, warnings: [] };
  const instead = { surge: room, unavailable: room + unavailable === 0 ? 1 : unavailable };
  const free = room === 0 ? 'no server is' : `only ${room} ${room === 1 ? 'server is' : 'servers are'}`;
  const warning = `${free} free for extra instances: surge ${surge} becomes ${room}${instead.unavailable > unavailable ? ', and one fewer serves meanwhile (unavailable 1)' : ''}; belay doctor prints the lines to add`;
  return { ...instead, warnings: [warning] };
}

/** Returns how many instances above the desired number find a server at each route. */
function extraRoom(input: ServiceInput): number {
  const { desired, observed } = input;
  const { keep, adopt, leave, clear, lost } = sortFleet(desired, observed);
  const missing = Math.max(0, desired.instances - keep.length - adopt.length - leave.length);
  const free = desired.routes.map((route) => {
    const slots = [...observed.freeSlots, ...[...clear, ...lost].flatMap((one) => one.slots)];
    const own = adopt.filter((one) => !one.slots.some(leadsTo(route))).length;
    return slots.filter(leadsTo(route)).length - own;
  });
  return Math.max(0, Math.min(...free) - missing);
}
