import type { ObservedInstance } from '../../spec/observed';
import type { Step } from '../../spec/plan';
import { isRouted, refOf, unaskedPorts } from '../fleet';
import { stepMaker } from '../graph';
import type { ServiceInput } from '../plan-release';
import type { Slots } from '../slots';
import type { Entry, Exit } from './rolling';

/**
 * The way back, along the inverted edges of the way there and within the same bounds: who took the room, the traffic or
 * the slot of an instance gives it back before that instance returns.
 */
export function undoRolling(parts: { input: ServiceInput; entries: Entry[]; exits: Exit[]; slots: Slots }): Step[] {
  const { input, entries, exits, slots } = parts;
  const { desired } = input;
  const routed = isRouted(desired, input.observed);
  const make = stepMaker(input, 'undo');
  const forward = (kind: string, name: string) => `${desired.service}/${kind}/${name}`;
  const undo = (kind: string, name: string) => `${desired.service}/undo/${kind}/${name}`;
  return [
    ...exits.flatMap(revive),
    ...exits.filter((one) => !replacerOf(one.instance)).flatMap(readmit),
    ...entries.flatMap(withdraw),
  ];

  function revive({ instance }: Exit): Step[] {
    const ref = refOf(instance);
    const undoes = forward('retire', instance.name);
    const own = input.observed.revisions.find((one) => one.number === instance.revision)?.desired;
    const needs = roomBack(instance);
    const launch = make('launch', {
      name: instance.name,
      instance: ref,
      fingerprint: instance.fingerprint,
      undoes,
      needs,
    });
    return [
      launch,
      make('probe', {
        name: instance.name,
        instance: ref,
        check: own ? own.ready : desired.ready,
        // Compose may have published others, or none.
        ports: own && unaskedPorts(own).filter((port) => instance.ports[port] !== undefined),
        undoes,
        needs: [launch.id],
      }),
    ];
  }

  /** An instance that left without a replacement in the same swap. */
  function readmit({ instance }: Exit): Step[] {
    if (!routed) return [];
    return [
      make('swap', {
        name: instance.name,
        enter: refOf(instance),
        undoes: forward('swap', instance.name),
        needs: returnNeeds(instance),
      }),
    ];
  }

  function withdraw(entry: Entry): Step[] {
    const { instance, launched, replaces } = entry;
    const { name } = instance;
    const followers = exits.filter((one) => one.after.some((id) => id.endsWith(`/${name}`))).map((one) => one.instance);
    const stopped = routed
      ? [undo('drain', name)]
      : [...(replaces ? [replaces] : []), ...followers].map((one) => undo('probe', one.name));
    const stop = launched
      ? [make('retire', { name, instance, stop: desired.stop, undoes: forward('launch', name), needs: stopped })]
      : [];
    if (!routed) return stop;
    const undoes = forward('swap', name);
    const needs = [...(replaces ? returnNeeds(replaces) : []), ...followers.map((one) => undo('swap', one.name))];
    const enter = replaces ? refOf(replaces) : undefined;
    const swap = make('swap', { name, enter, leave: instance, undoes, needs });
    // Also one that never came into traffic is out of the way only once this says so.
    const begun = launched ? forward('launch', name) : undoes;
    const drain = make('drain', {
      name,
      instance,
      deadline: desired.drain.deadline,
      at_deadline: 'proceed',
      undoes: begun,
      needs: [swap.id],
    });
    return [swap, drain, ...stop];
  }

  /** It runs and is ready again, there is room for it, and its slots are free. */
  function returnNeeds(instance: ObservedInstance): string[] {
    const slotsBack = slots.takers(instance.name).map((name) => undo('drain', name));
    return [...new Set([undo('probe', instance.name), ...roomBack(instance), ...slotsBack])];
  }

  /** Those that came in because this one went out are out again. */
  function roomBack(instance: ObservedInstance): string[] {
    const out = routed ? 'drain' : 'retire';
    const made = forward(out, instance.name);
    return entries.filter((one) => one.room.includes(made)).map((one) => undo(out, one.instance.name));
  }

  function replacerOf(instance: ObservedInstance): Entry | undefined {
    return entries.find((one) => one.replaces?.name === instance.name);
  }
}
