import type { ObservedInstance } from '../../model/observed';
import type { InstanceRef, Step } from '../../model/plan';
import { isRouted, refOf, sortFleet, withoutServers } from '../fleet';
import { areDone, type StrategyGraph } from '../graph';
import { createMoves } from '../moves';
import { createNames } from '../names';
import { needsBefore } from '../needs';
import type { ServiceInput } from '../plan-release';
import { createPorts } from '../ports';
import { createSlots, leadsTo, tooFewSlots } from '../slots';
import { longestGap } from './recreate';
import { undoInPlace } from './undo-in-place';

/** An instance that comes in; `over`: a running one, in whose place it starts. */
export interface Entry {
  instance: InstanceRef;
  launched: boolean;
  over?: ObservedInstance;
}

/**
 * Starts each new instance in the place of a running one, one after the other: drain, launch at its ports, probe,
 * admit. The former one ends with that launch, and is only cleared away afterwards. One instance fewer serves meanwhile.
 */
export function inPlace(input: ServiceInput): StrategyGraph {
  const { desired, observed } = input;
  const fleet = sortFleet(desired, observed);
  const routed = isRouted(desired, observed);
  const moves = createMoves(input, 'forward');
  const slots = createSlots(observed.freeSlots);
  const ports = createPorts(input);
  const entries: Entry[] = [];
  const out: ObservedInstance[] = [];
  const places = [...fleet.leave, ...fleet.clear.filter(({ state }) => state === 'running')];
  let over: ObservedInstance | undefined;
  const nextName = createNames(input, { ...ports, take: () => ports.take(over?.ports) });
  const asked =
    fleet.keep.length > 0 || fleet.adopt.length + fleet.launch === 0 ? [] : needsBefore(input, { needs: [] });
  /** The last steps of the entry before. */
  let gate = asked.map(({ id }) => id);
  const steps: Step[] = [...asked];
  /** The steps that free the servers of the entry at hand. */
  let slotNeeds: string[] = [];

  for (const one of fleet.clear.filter(({ state }) => state !== 'running')) steps.push(...leaves(one, []));
  for (const one of fleet.lost) {
    const [swap, drain] = moves.giveUp(one, { needs: [] });
    steps.push(swap, drain);
    slots.free(one.slots, { instance: one.name, step: drain.id });
    ports.free(one, drain.id);
  }
  for (const one of fleet.adopt) enter({ instance: placed(refOf(one), one), launched: false }, gate);
  for (let left = fleet.launch; left > 0; left -= 1) launch();
  for (const one of places) {
    steps.push(...leaves(one, gate));
    out.push(one);
  }
  const isDown = fleet.keep.length === 0 && fleet.leave.length === 1;
  return {
    steps,
    undo: undoInPlace(input, { entries, out: out.filter((one) => fleet.leave.includes(one)), takers: slots.takers }),
    entered: entries.map(({ instance }) => instance),
    kept: fleet.keep.map(refOf),
    downtime: isDown ? longestGap(input) : undefined,
  };

  function launch(): void {
    over = placeOfNext();
    const cleared = over ? emptied(over) : [];
    const named = nextName();
    const instance = placed({ revision: input.revision, slots: [], ...named.instance });
    const needs = [...new Set([...gate, ...cleared, ...named.needs])];
    const isFree = areDone(slotNeeds, { by: needs, steps });
    const step = moves.launch(instance, { fingerprint: desired.fingerprint, isFree, needs });
    steps.push(step);
    enter({ instance, launched: true, over }, [step.id], step.stage);
    if (over) steps.push(moves.retire(withoutServers(refOf(over)), { needs: gate }));
  }

  /** Those that return under their own names return to their own place. */
  function placeOfNext(): ObservedInstance | undefined {
    const kept = desired.task.kind === 'take-again' ? desired.task.instances : undefined;
    const at = Object.values(kept?.[entries.filter(({ launched }) => launched).length]?.ports ?? {});
    const own = places.findIndex((one) => at.some((port) => Object.values(one.ports).includes(port)));
    return places.splice(own === -1 ? 0 : own, 1)[0];
  }

  /** Takes the running instance out of traffic; its ports and servers are free from then on. */
  function emptied(one: ObservedInstance): string[] {
    if (!isReached(one)) {
      ports.free(one);
      return [];
    }
    const swap = moves.leave(refOf(one), { needs: gate });
    const drain = moves.drain(refOf(one), { needs: [swap.id] });
    steps.push(swap, drain);
    slots.free(one.slots, { instance: one.name, step: drain.id });
    ports.free(one, drain.id);
    return [drain.id];
  }

  function enter({ instance, ...entry }: Entry, needs: string[], staged?: true): void {
    const probe = moves.probe(instance, { needs });
    const tests = entries.length + fleet.keep.length > 0 ? [] : moves.smokes(instance, { needs: [probe.id] });
    steps.push(probe, ...tests);
    entries.push({ instance, ...entry });
    const proofs = [probe.id, ...tests.map(({ id }) => id)];
    gate = proofs;
    if (!routed) return;
    const swap = moves.enter(instance, { needs: [...new Set([...proofs, ...slotNeeds])], staged });
    steps.push(swap);
    gate = [swap.id];
  }

  function placed(instance: InstanceRef, adopted?: ObservedInstance): InstanceRef {
    const own = adopted?.slots ?? [];
    const missing = desired.routes.filter((route) => !own.some(leadsTo(route)));
    const place = slots.take(missing, instance.name);
    if (!place) throw tooFewSlots(desired, slots.missing(missing));
    slotNeeds = place.needs;
    return { ...instance, slots: [...own, ...place.slots] };
  }

  function leaves(one: ObservedInstance, needs: string[]): Step[] {
    if (!isReached(one)) {
      const retire = moves.retire(refOf(one), { needs });
      ports.free(one, retire.id);
      return [retire];
    }
    const swap = moves.leave(refOf(one), { needs });
    const drain = moves.drain(refOf(one), { needs: [swap.id] });
    slots.free(one.slots, { instance: one.name, step: drain.id });
    return [swap, drain, moves.retire(refOf(one), { needs: [drain.id] })];
  }

  function isReached({ slots: own, traffic }: ObservedInstance): boolean {
    return routed && (own.length > 0 || traffic !== 'out');
  }
}
