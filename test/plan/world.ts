import type { ObservedInstance, ObservedService, Slot } from '../../src/spec/observed';
import type { InstanceRef, LaunchStep, Step } from '../../src/spec/plan';

type Member = ObservedInstance & { ready: boolean };

export interface Bounds {
  routed: boolean;
  /** Never fewer in traffic. */
  floor: number;
  /** Never more running, drained ones aside. */
  ceiling: number;
}

export interface World {
  apply(step: Step): void;
  serving(): Member[];
  live(): Member[];
  observe(): Pick<ObservedService, 'instances' | 'freeSlots'>;
}

const keyOf = (slot: Slot) => `${slot.proxy}/${slot.backend}/${slot.server}`;

/** A host in memory that carries out steps, and objects to each that would lose a request or break a bound. */
export function createWorld(observed: Pick<ObservedService, 'instances' | 'freeSlots'>, bounds: Bounds): World {
  const members = new Map<string, Member>(
    observed.instances.map((one) => [one.name, { ...one, ready: one.traffic === 'in' }]),
  );
  const free = new Map(observed.freeSlots.map((slot) => [keyOf(slot), slot]));
  const running = () => [...members.values()].filter((one) => one.state === 'running');
  const serving = () => running().filter((one) => one.traffic === 'in');
  // An instance that no route can reach yet still takes room; one that is drained does not.
  const live = () => running().filter((one) => one.traffic !== 'out' || !drained.has(one.name));
  const drained = new Set(observed.instances.filter((one) => one.traffic === 'out').map((one) => one.name));

  return { apply, serving, live, observe: () => ({ instances: [...members.values()], freeSlots: [...free.values()] }) };

  function apply(step: Step): void {
    if (step.kind === 'launch') launch(step);
    if (step.kind === 'probe') must(step.instance).ready = true;
    if (step.kind === 'swap' && step.enter) enter(step.enter);
    if (step.kind === 'swap' && step.leave) leave(step.leave);
    if (step.kind === 'drain') drain(step.instance);
    if (step.kind === 'retire') retire(step.instance);
    demand(serving().length >= bounds.floor, `${step.id}: ${serving().length} serve, ${bounds.floor} must`);
    demand(live().length <= bounds.ceiling, `${step.id}: ${live().length} run, ${bounds.ceiling} may`);
  }

  function launch({ instance, fingerprint }: LaunchStep): void {
    if (members.get(instance.name)?.state === 'running') return;
    const traffic = bounds.routed ? 'out' : 'in';
    drained.delete(instance.name);
    members.set(instance.name, { ...instance, slots: [], fingerprint, state: 'running', traffic, ready: false });
  }

  function enter(ref: InstanceRef): void {
    const one = must(ref);
    demand(one.state === 'running' && one.ready, `${ref.name} enters before it is ready`);
    for (const slot of ref.slots) {
      const holder = [...members.values()].find(
        (other) => other !== one && other.slots.some((held) => keyOf(held) === keyOf(slot)),
      );
      demand(!holder, `${ref.name} enters at ${keyOf(slot)}, which ${holder?.name} holds`);
      free.delete(keyOf(slot));
    }
    drained.delete(ref.name);
    Object.assign(one, { slots: ref.slots, traffic: 'in' });
  }

  function leave(ref: InstanceRef): void {
    const one = members.get(ref.name);
    if (one && one.traffic !== 'out') one.traffic = 'draining';
  }

  function drain(ref: InstanceRef): void {
    const one = members.get(ref.name);
    if (!one) return;
    demand(one.traffic !== 'in', `${ref.name} is drained while in traffic`);
    for (const slot of one.slots) free.set(keyOf(slot), slot);
    drained.add(ref.name);
    Object.assign(one, { slots: [], traffic: 'out' });
  }

  function retire(ref: InstanceRef): void {
    const one = members.get(ref.name);
    if (!one) return;
    demand(
      !bounds.routed || one.state !== 'running' || one.traffic === 'out',
      `${ref.name} stops before it is drained`,
    );
    for (const slot of one.slots) free.set(keyOf(slot), slot);
    members.delete(ref.name);
  }

  function must(ref: InstanceRef): Member {
    const one = members.get(ref.name);
    if (!one) throw new Error(`${ref.name} does not exist`);
    return one;
  }
}

export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Carries out a graph in the order that `choices` picks among the steps that are due, up to `limit` steps. */
export function carryOut(steps: Step[], options: { world: World; choices: number[]; limit?: number }): Step[] {
  const ids = new Set(steps.map((step) => step.id));
  const done: Step[] = [];
  const isDone = (id: string) => !ids.has(id) || done.some((step) => step.id === id);
  while (done.length < Math.min(options.limit ?? Infinity, steps.length)) {
    const due = steps.filter((step) => !done.includes(step) && step.needs.every(isDone));
    demand(due.length > 0, `nothing is due, yet ${steps.length - done.length} steps are left: a cycle`);
    const step = due[(options.choices[done.length % options.choices.length] ?? 0) % due.length]!;
    options.world.apply(step);
    done.push(step);
  }
  return done;
}
