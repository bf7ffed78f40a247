import { headOfPast } from '../model/head';
import type { ObservedInstance, ObservedService, ObservedSets, Slot } from '../model/observed';
import type { StepOf } from '../model/plan';
import { refOf } from './fleet';
import { stepMaker } from './graph';
import type { ServiceInput } from './plan-release';

/** A service whose routes all lead to one side, and the switch that brings them there. */
export interface Straight {
  input: ServiceInput;
  turn?: StepOf<'switch'>;
}

/**
 * Returns the service with all routes on one side. Routes are switched one after the other, so a terminated release can
 * leave them apart. The switch comes before all else, leads to a side without missing instances, and is never undone.
 */
export function straighten(input: ServiceInput): Straight {
  const { desired, observed } = input;
  const { sets = [] } = observed;
  const sideOf = ({ key, live }: ObservedSets) => live.slice(key.length);
  const running = observed.instances.filter(({ state }) => state === 'running');
  // A new route serves nobody yet, and may lead anywhere.
  const served = sets.filter((set) => running.some(isAt(set, set.live)));
  const on = (side: string) => running.filter((one) => served.every((set) => isAt(set, `${set.key}${side}`)(one)));
  const isOpen = (side: string) => sets.every((set) => [set.key, set.live, set.idle].includes(`${set.key}${side}`));
  const isApart = new Set(sets.map(sideOf)).size > 1;
  const complete = isApart ? served.map(sideOf).filter((side) => isOpen(side) && on(side).length > 0) : [];
  const head = headOfPast(observed)?.desired.fingerprint;
  const side = [desired.fingerprint, head]
    .flatMap((wanted) => complete.find((one) => on(one).some(({ fingerprint }) => fingerprint === wanted)) ?? [])
    .concat(complete)[0];
  if (side === undefined) return { input };
  const switches = sets
    .map(({ proxy, key, live }) => ({ proxy, key, from: live, to: `${key}${side}` }))
    .filter(({ from, to }) => from !== to);
  const turn = stepMaker(input, 'forward')('switch', {
    name: 'straight',
    switches,
    instances: on(side).map(refOf),
    needs: [],
  });
  return { input: { ...input, observed: { ...observed, ...afterwards(input, side) } }, turn };
}

/** Returns the state after the switch. */
function afterwards({ desired, observed }: ServiceInput, side: string): Pick<ObservedService, 'sets' | 'instances'> {
  const before = observed.sets ?? [];
  const sets = before.map((set): ObservedSets => {
    const live = `${set.key}${side}`;
    return live === set.live ? set : { ...set, live, idle: set.live };
  });
  const traffic = (one: ObservedInstance): ObservedInstance['traffic'] => {
    const at = sets.filter((set) => isAt(set, set.live)(one)).length;
    const was = before.filter((set) => isAt(set, set.live)(one)).length;
    const isBetween = was > 0 && was < sets.length;
    if (one.slots.length === 0 || (one.traffic === 'draining' && !isBetween)) return one.traffic;
    if (at === 0) return one.slots.every((slot) => sets.some((set) => isOf(set, slot))) ? 'out' : one.traffic;
    return one.fingerprint === desired.fingerprint && at < sets.length ? 'draining' : 'in';
  };
  const instances = observed.instances.map((one) =>
    one.state === 'running' ? { ...one, traffic: traffic(one) } : one,
  );
  return { sets, instances };
}

const isAt =
  ({ proxy }: ObservedSets, backend: string) =>
  ({ slots }: ObservedInstance): boolean =>
    slots.some((slot) => slot.proxy === proxy && slot.backend === backend);

const isOf = ({ proxy, key, live, idle }: ObservedSets, slot: Slot): boolean =>
  slot.proxy === proxy && [key, live, idle].includes(slot.backend);
