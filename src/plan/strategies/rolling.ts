import type { ObservedInstance } from '../../spec/observed';
import type { InstanceRef, Step } from '../../spec/plan';
import { isRouted, refOf, sortFleet, unaskedPorts } from '../fleet';
import { type StrategyGraph, stepMaker } from '../graph';
import type { ServiceInput } from '../plan-release';
import { createSlots, leadsTo, tooFewSlots } from '../slots';
import { createTokens } from '../tokens';
import { undoRolling } from './undo-rolling';

/** One instance that comes in: launched by this release, or found running and only to be admitted. */
export interface Entry {
  instance: InstanceRef;
  launched: boolean;
  /** The one whose place it takes in the same swap. */
  replaces?: ObservedInstance;
  /** Steps that made room for it; some of them drain an instance. */
  room: string[];
}

/** One serving instance that goes out; `after` are the steps that allowed it to, beside its swap. */
export interface Exit {
  instance: ObservedInstance;
  after: string[];
}

/**
 * Replaces instances a few at a time. Two pools of permits keep the bounds whatever order the steps run in: room (never
 * more than count + surge, a drained instance does not count) and spare (never fewer in traffic than count - unavailable,
 * or than serve already, where that is less).
 */
export function rolling(input: ServiceInput): StrategyGraph {
  const { desired, observed } = input;
  const { surge, unavailable, pause_after: pauseAfter } = desired.strategy;
  const fleet = sortFleet(desired, observed);
  const make = stepMaker(input, 'forward');
  const routed = isRouted(desired, observed);
  const steps: Step[] = [];
  const running = new Set(observed.instances.filter((one) => one.state === 'running').map((one) => one.name));
  /** Containers that Compose started come back under their own names; some may still run. */
  const comeBack = (desired.kept?.instances ?? []).filter((one) => !running.has(one.name));
  const entries: Entry[] = [];
  const exits: Exit[] = [];
  const waiting = [...fleet.leave];
  const adopts = [...fleet.adopt];
  let launches = fleet.launch;
  let launched = 0;
  let gate: string[] = [];
  let smokes: string[] = [];

  const serving = fleet.keep.length + fleet.leave.length;
  const clearing = fleet.clear.filter((one) => one.state === 'running' && one.traffic !== 'out');
  const live = serving + adopts.length + clearing.length;
  const room = createTokens(desired.instances + surge - live);
  const spare = createTokens(serving - Math.max(0, Math.min(desired.instances, serving) - unavailable));
  const slots = createSlots(observed.freeSlots);

  for (const one of fleet.clear) takeOut(one, []);
  while (adopts.length + launches > 0) {
    if (launches > room.count() && waiting.length > 0 && spare.count() > 0) letGo();
    else if (!enterNext()) letGo();
    pauseWhenDue();
  }
  while (waiting.length > 0) letGo();

  return {
    steps,
    undo: undoRolling({ input, entries, exits, slots }),
    entered: entries.map((one) => one.instance),
    kept: fleet.keep.map(refOf),
  };

  function enterNext(): boolean {
    const adopt = adopts[0];
    if (!adopt && room.count() === 0) return false;
    const name = adopt?.name ?? newName();
    const place = placeFor(adopt, name);
    if (!place) return false;
    const permit = adopt ? [] : room.take()!;
    const instance: InstanceRef = {
      name,
      revision: adopt?.revision ?? input.revision,
      ports: adopt?.ports ?? newPorts(),
      slots: place.slots,
    };
    if (adopt) adopts.shift();
    else launch(instance, permit);
    const entry: Entry = { instance, launched: !adopt, replaces: waiting.shift(), room: permit };
    entries.push(entry);
    bringIn(entry, place.needs);
    return true;
  }

  function launch(instance: InstanceRef, needs: string[]): void {
    steps.push(
      make('launch', { name: instance.name, instance, fingerprint: desired.fingerprint, needs: [...needs, ...gate] }),
    );
    launches -= 1;
    launched += 1;
  }

  function bringIn({ instance, launched: fresh, replaces }: Entry, slotNeeds: string[]): void {
    const up = fresh ? [`${desired.service}/launch/${instance.name}`] : gate;
    const probe = make('probe', {
      name: instance.name,
      instance,
      check: desired.ready,
      ports: unaskedPorts(desired),
      needs: up,
    });
    steps.push(probe);
    smokeFirst(instance, probe.id);
    const proofs = [probe.id, ...smokes];
    if (!routed) {
      bringInUnrouted(replaces, proofs);
      return;
    }
    const leave = replaces ? refOf(replaces) : undefined;
    const swap = make('swap', { name: instance.name, enter: instance, leave, needs: [...proofs, ...slotNeeds] });
    steps.push(swap);
    if (!replaces) {
      spare.add(swap.id);
      return;
    }
    exits.push({ instance: replaces, after: [] });
    drainAndRetire(replaces, swap.id);
  }

  /** Without a route an instance is in traffic as soon as it is ready. */
  function bringInUnrouted(replaces: ObservedInstance | undefined, proofs: string[]): void {
    if (!replaces) {
      spare.add(proofs[0]);
      return;
    }
    exits.push({ instance: replaces, after: [] });
    takeOut(replaces, proofs);
  }

  /** Smoke tests of the first instance; none of its kind takes traffic before they have passed. */
  function smokeFirst(instance: InstanceRef, probe: string): void {
    if (entries.length > 1 || fleet.keep.length > 0) return;
    const before = desired.validate.filter((smoke) => smoke.when.includes('before'));
    const validates = before.map((smoke) =>
      make('validate', {
        name: `before/${smoke.name}`,
        title: smoke.name,
        instances: [instance],
        smoke,
        needs: [probe],
      }),
    );
    steps.push(...validates);
    smokes = validates.map((one) => one.id);
  }

  function letGo(): void {
    const one = waiting.shift();
    const after = spare.take();
    if (!one || !after) throw tooFewSlots(desired.service, desired.routes);
    exits.push({ instance: one, after });
    takeOut(one, [...after, ...gate]);
  }

  function takeOut(one: ObservedInstance, needs: string[]): void {
    if (!routed || (one.slots.length === 0 && one.traffic === 'out')) {
      retire(one, needs);
      return;
    }
    const swap = make('swap', { name: one.name, leave: refOf(one), needs });
    steps.push(swap);
    drainAndRetire(one, swap.id);
  }

  function drainAndRetire(one: ObservedInstance, swap: string): void {
    const drain = make('drain', { name: one.name, instance: refOf(one), ...desired.drain, needs: [swap] });
    steps.push(drain);
    slots.free(one.slots, { instance: one.name, step: drain.id });
    if (countsAsLive(one)) room.add(drain.id);
    retire(one, [drain.id]);
  }

  function retire(one: ObservedInstance, needs: string[]): void {
    const stop = observed.revisions.find((revision) => revision.number === one.revision)?.desired.stop ?? desired.stop;
    const step = make('retire', { name: one.name, instance: refOf(one), stop, needs });
    steps.push(step);
    if (!routed && countsAsLive(one)) room.add(step.id);
  }

  function countsAsLive(one: ObservedInstance): boolean {
    return one.state === 'running' && one.traffic !== 'out';
  }

  function pauseWhenDue(): void {
    const inTraffic = fleet.keep.length + entries.length;
    if (gate.length > 0 || inTraffic !== pauseAfter || adopts.length + launches === 0) return;
    const question = `${inTraffic} of ${desired.instances} instances of ${desired.service} run the new revision: go on?`;
    const approve = make('approve', { question, needs: steps.map((step) => step.id) });
    steps.push(approve);
    gate = [approve.id];
  }

  function placeFor(adopt: ObservedInstance | undefined, name: string) {
    const own = adopt?.slots ?? [];
    const missing = desired.routes.filter((route) => !own.some(leadsTo(route)));
    const place = slots.take(missing, name);
    return place && { slots: [...own, ...place.slots], needs: place.needs };
  }

  function newPorts(): Record<string, number> {
    return comeBack[launched]?.ports ?? Object.fromEntries(desired.ports.map((port) => [port, input.takePort()]));
  }

  function newName(): string {
    return comeBack[launched]?.name ?? `${input.platform}-${desired.service}-r${input.revision}-${launched + 1}`;
  }
}
