import type { ObservedInstance } from '../model/observed';
import type { Step } from '../model/plan';
import { isRouted, refOf } from './fleet';
import { areDone } from './graph';
import { createMoves } from './moves';
import type { ServiceInput } from './plan-release';
import type { Bounds, Entry, Exit } from './replacement';
import type { Slots } from './slots';

interface Replaced extends Pick<Bounds, 'room'> {
  input: ServiceInput;
  entries: Entry[];
  exits: Exit[];
  slots: Slots;
}

/**
 * Returns the undo steps, along the inverted edges of the forward steps and within the same bounds. Before an instance
 * returns, others give back its room, traffic and slots.
 */
export function undoReplacement({ input, entries, exits, slots, room }: Replaced): Step[] {
  const routed = isRouted(input.desired, input.observed);
  const there = createMoves(input, 'forward');
  const back = createMoves(input, 'undo');
  /** The kind of step after which an instance makes room for another. */
  const gone = routed && room === 'left' ? 'drain' : 'retire';
  const madeRoomFor = grouped(entries.flatMap(({ room: needs, instance }) => needs.map((id) => [id, instance.name])));
  const replacers = new Map(entries.map((one) => [one.replaces?.name, one]));
  return [
    ...exits.flatMap(revive),
    ...exits.filter((one) => !replacers.has(one.instance.name)).flatMap(readmit),
    ...entries.flatMap(withdraw),
  ];

  function revive({ instance }: Exit): Step[] {
    const ref = refOf(instance);
    const undoes = there.id('retire', instance.name);
    const needs = [...new Set([...roomBack(instance), ...portsBack(instance)])];
    const order = { undoes, needs, isFree: areDone(slotsBack(instance), { by: needs }) };
    const launch = back.launch(ref, { fingerprint: instance.fingerprint, ...order });
    return [launch, back.probe(ref, { undoes, needs: [launch.id] })];
  }

  /** Returns the undo of an exit without a replacement in the same swap. */
  function readmit({ instance }: Exit): Step[] {
    if (!routed) return [];
    return [back.readmit(instance, { undoes: there.id('swap', instance.name), needs: returnNeeds(instance) })];
  }

  function withdraw({ instance, launched, replaces }: Entry): Step[] {
    const { name } = instance;
    const served = there.id(routed ? 'swap' : 'probe', name);
    const followers = exits.filter(({ after }) => after.includes(served)).map((one) => one.instance);
    const stopped = routed
      ? [back.id('drain', name)]
      : [...(replaces ? [replaces] : []), ...followers].map((one) => back.id('probe', one.name));
    const begun = there.id('launch', name);
    const stop = launched ? [back.retire(instance, { undoes: begun, needs: stopped })] : [];
    if (!routed) return stop;
    const undoes = there.id('swap', name);
    const needs = [...(replaces ? returnNeeds(replaces) : []), ...followers.map((one) => back.id('swap', one.name))];
    const swap = replaces
      ? { ...back.readmit(replaces, { undoes, needs }), id: back.id('swap', name), leave: instance }
      : back.leave(instance, { undoes, needs });
    // An instance that never came into traffic also needs this drain before others may return.
    const drain = back.drain(instance, { undoes: launched ? begun : undoes, needs: [swap.id] });
    return [swap, drain, ...stop];
  }

  /** Returns the needs of a return: the instance is ready, and has room and free slots. */
  function returnNeeds(instance: ObservedInstance): string[] {
    return [...new Set([back.id('probe', instance.name), ...roomBack(instance), ...slotsBack(instance)])];
  }

  /** Returns the drains of the instances that took its servers. */
  function slotsBack({ name }: ObservedInstance): string[] {
    return slots.takers(name).map((taker) => back.id('drain', taker));
  }

  /** Returns the steps after which the instances that waited for its end, and may have its ports, have gone. */
  function portsBack({ name }: ObservedInstance): string[] {
    return [...(madeRoomFor.get(there.id('retire', name)) ?? [])].map((taker) => back.id('retire', taker));
  }

  /** Returns the step that took the instance out of traffic. */
  function leftBy({ name }: ObservedInstance): string {
    return there.id('swap', replacers.get(name)?.instance.name ?? name);
  }

  /** Returns the steps that remove the instances admitted in its place. */
  function roomBack(instance: ObservedInstance): string[] {
    const steps =
      gone === 'retire' ? [there.id('retire', instance.name)] : [leftBy(instance), there.id('drain', instance.name)];
    const takers = new Set(steps.flatMap((id) => [...(madeRoomFor.get(id) ?? [])]));
    // A baseline hands its room on when it leaves. The loop also visits takers that it adds meanwhile.
    for (const name of takers) for (const next of madeRoomFor.get(there.id('drain', name)) ?? []) takers.add(next);
    return [...takers].map((name) => back.id(gone, name));
  }
}

/** Returns values by key, each once and in order. */
function grouped(pairs: string[][]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [key, value] of pairs) groups.set(key!, (groups.get(key!) ?? new Set()).add(value!));
  return groups;
}
