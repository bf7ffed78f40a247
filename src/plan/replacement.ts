import type { BelayError } from '../errors';
import type { ObservedInstance } from '../model/observed';
import type { InstanceRef, LaunchStep, Step } from '../model/plan';
import { type Fleet, isRouted, refOf, sortFleet } from './fleet';
import { areDone, type StrategyGraph, stepMaker } from './graph';
import { createMoves } from './moves';
import { createNames } from './names';
import type { ServiceInput } from './plan-release';
import { createPorts, tooFewPorts } from './ports';
import { createSlots, leadsTo, tooFewSlots } from './slots';
import { isSticky } from './sticky';
import { createTokens } from './tokens';
import { undoReplacement } from './undo-replacement';

/** One instance that comes in: launched by this release, or found running and only to be admitted. */
export interface Entry {
  instance: InstanceRef;
  launched: boolean;
  /** The one whose place it takes in the same swap. */
  replaces?: ObservedInstance;
  /** Steps that made room for it: each drains or retires an instance. */
  room: string[];
}

/** One serving instance that goes out; `after` are the steps that allowed it to, beside its swap. */
export interface Exit {
  instance: ObservedInstance;
  after: string[];
}

export interface Bounds {
  /** How many may run above the number asked for. */
  surge: number;
  /** How many may be missing in traffic below the number asked for, or below those that serve already, where that is fewer. */
  unavailable: number;
  /** What makes room for a launch: an instance that takes nothing new any more, or one that is gone. */
  room: 'left' | 'gone';
}

/** The steps that turn the instances of a service into what is desired, in the order that a strategy asks for them. */
export interface Replacement {
  readonly fleet: Fleet;
  /** Right ones in traffic at this point. */
  entered(): InstanceRef[];
  /** Wrong ones in traffic at this point. */
  waiting(): InstanceRef[];
  /** How many are still to come in. */
  missing(): number;
  /** Brings the next one in, with one that serves out in the same swap where `replacing`; false when there is no room or no slot yet. */
  enter(options: { replacing: boolean; weight?: number }): boolean;
  /** Takes one that serves out of traffic; throws when none may be spared. */
  letGo(): void;
  /** All go on as long as bounds allow. */
  finish(afterEach?: () => void): void;
  /** What comes later waits for a step that needs all before it. */
  barrier(step: Step): void;
  /** What comes later waits for the end of all that are taken out. */
  untilGone(): void;
  /** Shares that a release has set and never taken back are alike again. */
  evenOut(): void;
  /** Why nobody can come in: some of the routes have no server for the next one. */
  noPlace(): BelayError;
  /** Ids of all steps so far. */
  ids(): string[];
  graph(more?: { undo?: Step[] }): StrategyGraph;
}

/** Pools of permits keep the bounds whatever order the steps run in: room for launches, and spare ones in traffic. */
export function createReplacement(input: ServiceInput, bounds: Bounds): Replacement {
  const { desired, observed } = input;
  const fleet = sortFleet(desired, observed);
  const moves = createMoves(input, 'forward');
  const routed = isRouted(desired, observed);
  // Who loses its instance finds all new ones there, and does not lose the next one too.
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
  for (const one of fleet.clear) takeOut(one, []);

  const missing = () => adopts.length + launches;
  const entered = () => entries.map(({ instance }) => moves.id('swap', instance.name));
  return {
    fleet,
    missing,
    enter,
    letGo,
    noPlace,
    finish,
    entered: () => [...fleet.keep.map(refOf), ...entries.map((one) => one.instance)],
    waiting: () => waiting.map(refOf),
    ids: () => steps.map((step) => step.id),
    barrier(step) {
      steps.push(step);
      gate = [step.id];
    },
    untilGone() {
      gate = steps.filter((step) => step.kind === 'retire').map((step) => step.id);
    },
    evenOut() {
      const odd = [...fleet.keep, ...fleet.leave].filter((one) => one.weighed);
      const weights = odd.map((one) => ({ instance: refOf(one) }));
      if (odd.length > 0) steps.push(stepMaker(input, 'forward')('weigh', { name: 'even', weights, needs: [] }));
    },
    graph: ({ undo = [] } = {}) => ({
      steps,
      undo: [...undoReplacement({ input, entries, exits, slots, room: bounds.room }), ...undo],
      entered: entries.map((one) => one.instance),
      kept: fleet.keep.map(refOf),
    }),
  };

  function finish(afterEach: () => void = () => undefined): void {
    while (missing() > 0) {
      const wanted = sticky ? Math.min(launches, 1) : launches;
      if (wanted > room.count() && waiting.length > 0 && spare.count() > 0) letGo();
      else if (!enter({ replacing: !sticky })) letGo();
      afterEach();
    }
    while (waiting.length > 0) letGo();
  }

  function enter({ replacing, weight }: { replacing: boolean; weight?: number }): boolean {
    const adopt = adopts[0];
    if (!adopt && room.count() === 0) return false;
    if (!hasPlace(adopt)) return false;
    const next = adopt ? { instance: refOf(adopt), needs: [] } : nextName();
    const found = { revision: input.revision, ...next.instance };
    const place = placeFor(adopt, found.name)!;
    const permit = adopt ? [] : room.take()!;
    const instance: InstanceRef = { ...found, slots: place.slots };
    // One that waits for room also waits for its servers: they check it while it gets ready.
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
    bringIn(entry, { launched, slotNeeds: place.needs, weight });
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
    { launched, slotNeeds, weight }: { launched?: LaunchStep; slotNeeds: string[]; weight?: number },
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
    const swap = moves.enter(instance, { replaces: replaces && refOf(replaces), needs, weight, staged });
    steps.push(swap);
    if (replaces) drainAndRetire(replaces, swap.id);
    else spare.add(swap.id);
  }

  /** Smoke tests of the first instance; none of its kind takes traffic before they have passed. */
  function smokeFirst(instance: InstanceRef, probe: string): void {
    if (entries.length > 1 || fleet.keep.length > 0) return;
    const tests = moves.smokes(instance, { needs: [probe] });
    steps.push(...tests);
    smokes = tests.map((one) => one.id);
  }

  function letGo(): void {
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
    // Where clients stay with an instance, it takes their requests until it is drained.
    if (bounds.room === 'left' && countsAsLive(one)) room.add(sticky ? drain.id : swap);
    retire(one, [drain.id]);
  }

  function retire(one: ObservedInstance, needs: string[]): void {
    const step = moves.retire(refOf(one), { needs });
    steps.push(step);
    ports.free(one.ports, step.id);
    if ((bounds.room === 'gone' || !routed) && countsAsLive(one)) room.add(step.id);
  }

  /** One that is out of traffic counts only where it has to be gone. */
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
