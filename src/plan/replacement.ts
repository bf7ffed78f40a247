import type { BelayError } from '../errors';
import type { ObservedInstance } from '../model/observed';
import type { InstanceRef, LaunchStep, Step } from '../model/plan';
import { type Fleet, isRouted, refOf, sortFleet } from './fleet';
import { createFormer } from './former';
import { areDone, type StrategyGraph } from './graph';
import { createMoves } from './moves';
import { createNames } from './names';
import { needsBefore } from './needs';
import type { ServiceInput } from './plan-release';
import { createPorts, tooFewPorts } from './ports';
import { createSlots, leadsTo, tooFewSlots } from './slots';
import { isSticky } from './sticky';
import { createTokens } from './tokens';
import { undoReplacement } from './undo-replacement';

/** An instance that comes in: launched by this release, or found running and only admitted. */
export interface Entry {
  instance: InstanceRef;
  launched: boolean;
  /** The instance that leaves in the same swap. */
  replaces?: ObservedInstance;
  /** Steps that made room for it; each drains or retires an instance. */
  room: string[];
}

/** A serving instance that goes out. `after` names the steps that allowed it, beside its swap. */
export interface Exit {
  instance: ObservedInstance;
  after: string[];
}

export interface Bounds {
  /** Most instances that may run above the desired number. */
  surge: number;
  /**
   * Most instances that may be missing in traffic, below the desired number or the serving ones, whichever is fewer.
   */
  unavailable: number;
  /** The event that makes room for a launch: an instance takes no new requests, or is gone. */
  room: 'left' | 'gone';
}

interface Entering {
  replacing: boolean;
  weight?: number;
  /** Chosen clients go there. */
  chosen?: true;
}

/** Builds the steps that bring a service to its desired instances, in the order of a strategy. */
export interface Replacement {
  readonly fleet: Fleet;
  /** Returns the right instances in traffic at this point. */
  entered(): InstanceRef[];
  /** Returns the wrong instances in traffic at this point. */
  waiting(): InstanceRef[];
  /** Returns how many instances still have to come in. */
  missing(): number;
  /**
   * Brings the next instance in; with `replacing`, a serving one leaves in the same swap. Returns false without room or
   * a slot.
   */
  enter(options: Entering): boolean;
  /** Brings a fresh instance of the version before in. Returns false without room; throws without a place. */
  enterFormer(weight: number): boolean;
  /** Returns the fresh instances of the version before. */
  former(): InstanceRef[];
  /** Takes the fresh instances of the version before out. */
  takeOutFormer(): void;
  /** Takes one serving instance out of traffic. Throws if none may be spared. */
  takeOutOne(): void;
  /** Brings in and takes out all that are left, as fast as the bounds allow. */
  finish(afterEach?: () => void): void;
  /** Adds steps, side by side, that need all steps so far and that all later steps need. */
  barrier(...side: Step[]): void;
  /** Makes later steps wait until all instances taken out have ended. */
  untilGone(): void;
  /** Returns the error for a route without a server for the next instance. */
  noPlace(): BelayError;
  /** Returns the ids of all steps so far. */
  ids(): string[];
  graph(more?: { undo?: Step[] }): StrategyGraph;
}

/**
 * Returns a builder that keeps the bounds by pools of permits, in whatever order the steps run. One pool has room for
 * launches, the other spare instances in traffic.
 */
export function createReplacement(input: ServiceInput, bounds: Bounds): Replacement {
  const { desired, observed } = input;
  const fleet = sortFleet(desired, observed);
  const moves = createMoves(input, 'forward');
  const routed = isRouted(desired, observed);
  // A client that loses its instance then finds all new ones, and does not lose the next one too.
  const sticky = isSticky(desired) && routed;
  const steps: Step[] = [];
  const ports = createPorts(input);
  const nextName = createNames(input, ports);
  const entries: Entry[] = [];
  const exits: Exit[] = [];
  const waiting = [...fleet.leave];
  const adopts = [...fleet.adopt];
  let launches = fleet.launch;
  let gate: string[] = [];
  let smokes: string[] = [];

  const serving = fleet.keep.length + fleet.leave.length;
  const live = serving + adopts.length + fleet.clear.filter(countsAsLive).length;
  const room = createTokens(desired.instances + bounds.surge - live);
  const spare = createTokens(serving - Math.max(0, Math.min(desired.instances, serving) - bounds.unavailable));
  const slots = createSlots(observed.freeSlots);
  const former = createFormer(input, { slots, ports });
  for (const one of fleet.clear) takeOut(one, []);
  for (const one of fleet.lost) {
    const [swap, drain] = moves.giveUp(one, { needs: [] });
    steps.push(swap, drain);
    slots.free(one.slots, { instance: one.name, step: drain.id });
    ports.free(one, drain.id);
  }

  const missing = () => adopts.length + launches;
  const isNew = fleet.keep.length === 0 && missing() > 0;
  // A new instance is in traffic from its start, or an old one leaves before it.
  const asksFirst = desired.routes.length === 0 || bounds.room === 'gone';
  const asked = isNew && asksFirst ? needsBefore(input, { needs: [] }) : [];
  steps.push(...asked);
  const first = asked.map(({ id }) => id);
  gate = first;

  const entered = () => entries.map(({ instance }) => moves.id('swap', instance.name));
  return {
    fleet,
    missing,
    enter,
    takeOutOne,
    noPlace,
    finish,
    entered: () => [...fleet.keep.map(refOf), ...entries.map((one) => one.instance)],
    waiting: () => waiting.map(refOf),
    ids: () => steps.map((step) => step.id),
    barrier(...side) {
      steps.push(...side);
      gate = side.map(({ id }) => id);
    },
    former: () => former.entries().map(({ instance }) => instance),
    enterFormer(weight) {
      if (room.count() === 0) return false;
      const added = former.enter({ room: [...room.take()!, ...gate], weight, steps });
      if (!added) throw noPlace();
      steps.push(...added);
      return true;
    },
    takeOutFormer() {
      const left = former.leave(steps.map(({ id }) => id));
      steps.push(...left);
      for (const { id, kind } of left) if (kind === 'drain') room.add(id);
    },
    untilGone() {
      gate = [...first, ...steps.filter((step) => step.kind === 'retire').map((step) => step.id)];
    },
    graph: ({ undo = [] } = {}) => ({
      steps,
      undo: [
        ...undoReplacement({ input, entries: [...entries, ...former.entries()], exits, slots, room: bounds.room }),
        ...undo,
      ],
      entered: entries.map((one) => one.instance),
      kept: fleet.keep.map(refOf),
    }),
  };

  function finish(afterEach: () => void = () => undefined): void {
    while (missing() > 0) {
      const wanted = sticky ? Math.min(launches, 1) : launches;
      if (wanted > room.count() && waiting.length > 0 && spare.count() > 0) takeOutOne();
      else if (!enter({ replacing: !sticky })) takeOutOne();
      afterEach();
    }
    while (waiting.length > 0) takeOutOne();
  }

  function enter({ replacing, weight, chosen }: Entering): boolean {
    const adopt = adopts[0];
    if (!adopt && room.count() === 0) return false;
    if (!hasPlace(adopt)) return false;
    const next = adopt ? { instance: refOf(adopt), needs: [] } : nextName();
    const found = { revision: input.revision, ...next.instance };
    const place = placeFor(adopt, found.name)!;
    const permit = adopt ? [] : room.take()!;
    const instance: InstanceRef = { ...found, slots: place.slots };
    // An instance that waits for room also waits for its servers, which check it while it starts.
    const servers = bounds.room === 'left' && permit.length > 0 ? place.needs : [];
    const entry: Entry = {
      instance,
      launched: !adopt,
      replaces: replacing ? waiting.shift() : undefined,
      room: adopt ? [] : [...new Set([...permit, ...gate, ...servers, ...next.needs])],
    };
    if (adopt) adopts.shift();
    const launched = adopt ? undefined : launch(entry, place.needs);
    entries.push(entry);
    bringIn(entry, { launched, slotNeeds: place.needs, weight, chosen });
    return true;
  }

  function launch({ instance, room: needs }: Entry, slotNeeds: string[]): LaunchStep {
    const isFree = areDone(slotNeeds, { by: needs, steps });
    const step = moves.launch(instance, { fingerprint: desired.fingerprint, isFree, needs });
    steps.push(step);
    launches -= 1;
    return step;
  }

  function bringIn(
    { instance, replaces }: Entry,
    { launched, slotNeeds, ...share }: { launched?: LaunchStep; slotNeeds: string[] } & Omit<Entering, 'replacing'>,
  ): void {
    const probe = moves.probe(instance, { needs: launched ? [launched.id] : gate });
    steps.push(probe);
    smokeFirst(instance, probe.id);
    const proofs = [probe.id, ...smokes];
    if (replaces) exits.push({ instance: replaces, after: [] });
    if (!routed) {
      // Without a route an instance is in traffic as soon as it is ready.
      if (replaces) takeOut(replaces, proofs);
      else spare.add(probe.id);
      return;
    }
    const needs = [...proofs, ...slotNeeds];
    const staged = launched?.stage;
    const swap = moves.enter(instance, { replaces: replaces && refOf(replaces), needs, ...share, staged });
    steps.push(swap);
    if (replaces) drainAndRetire(replaces, swap.id);
    else spare.add(swap.id);
  }

  /** Adds what comes before the first instance: tests and a look at needs. No other one of its kind is ahead of them. */
  function smokeFirst(instance: InstanceRef, probe: string): void {
    if (entries.length > 1 || fleet.keep.length > 0) return;
    const tests = moves.smokes(instance, { needs: [probe] });
    const asked = asksFirst ? [] : needsBefore(input, { needs: [probe, ...tests.map(({ id }) => id)] });
    steps.push(...tests, ...asked);
    smokes = [...tests, ...asked].map((one) => one.id);
  }

  function takeOutOne(): void {
    const one = waiting.shift();
    const after = spare.take();
    if (!one || !after) throw noPlace();
    exits.push({ instance: one, after });
    takeOut(one, [...new Set([...after, ...gate, ...(sticky ? entered() : [])])]);
  }

  function takeOut(one: ObservedInstance, needs: string[]): void {
    if (!routed || (one.slots.length === 0 && one.traffic === 'out')) {
      retire(one, needs);
      return;
    }
    const swap = moves.leave(refOf(one), { needs });
    steps.push(swap);
    drainAndRetire(one, swap.id);
  }

  function drainAndRetire(one: ObservedInstance, swap: string): void {
    const drain = moves.drain(refOf(one), { needs: [swap] });
    steps.push(drain);
    slots.free(one.slots, { instance: one.name, step: drain.id });
    // A sticky instance takes its clients' requests until it is drained.
    if (bounds.room === 'left' && countsAsLive(one)) room.add(sticky ? drain.id : swap);
    retire(one, [drain.id]);
  }

  function retire(one: ObservedInstance, needs: string[]): void {
    const step = moves.retire(refOf(one), { needs });
    steps.push(step);
    ports.free(one, step.id);
    if ((bounds.room === 'gone' || !routed) && countsAsLive(one)) room.add(step.id);
  }

  /** An instance out of traffic counts only if it has to be gone. */
  function countsAsLive(one: ObservedInstance): boolean {
    return one.state === 'running' && (one.traffic !== 'out' || bounds.room === 'gone');
  }

  function without(adopt: ObservedInstance | undefined) {
    return desired.routes.filter((route) => !adopt?.slots.some(leadsTo(route)));
  }

  function noPlace(): BelayError {
    if (!adopts[0] && !ports.suffice()) return tooFewPorts(desired, desired.hostPorts ?? []);
    return tooFewSlots(desired, slots.missing(without(adopts[0])));
  }

  function hasPlace(adopt: ObservedInstance | undefined): boolean {
    return (adopt !== undefined || ports.suffice()) && slots.missing(without(adopt)).length === 0;
  }

  function placeFor(adopt: ObservedInstance | undefined, name: string) {
    const own = adopt?.slots ?? [];
    const place = slots.take(without(adopt), name);
    return place && { slots: [...own, ...place.slots], needs: place.needs };
  }
}
