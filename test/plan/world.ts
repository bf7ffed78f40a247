import type { ObservedInstance, ObservedService, ObservedSets, Slot } from '../../src/model/observed';
import type { InstanceRef, LaunchStep, PlacedRef, Step, StepOf } from '../../src/model/plan';

type Member = ObservedInstance & {
  ready: boolean;
  /** Its servers would take requests, if anything led to them. */
  admitted: boolean;
};

export interface Bounds {
  routed: boolean;
  /** Never fewer in traffic. */
  floor: number;
  /** Never more running, aside from those that take nothing new. */
  ceiling: number;
  /** No instance of one fingerprint is launched while one of another runs. */
  exclusive?: boolean;
  /** Never instances of two fingerprints in traffic, once a switch is planned. */
  unmixed?: boolean;
  /** A launch at the ports of a running instance, or as the only one, ends that one. */
  inPlace?: boolean;
  /** New instances find written configuration files, and returning ones the former files. */
  configured?: boolean;
}

export interface World {
  apply(step: Step): void;
  serving(): Member[];
  live(): Member[];
  observe(): Pick<ObservedService, 'instances' | 'lost' | 'freeSlots' | 'sets'>;
}

const keyOf = (slot: Slot) => `${slot.proxy}/${slot.backend}/${slot.server}`;

/** A host in memory that performs steps. It objects to each that would lose a request or break a bound. */
export function createWorld(
  observed: Pick<ObservedService, 'instances' | 'lost' | 'freeSlots' | 'sets'>,
  bounds: Bounds,
): World {
  let sets = observed.sets ?? [];
  let isConfigured = false;
  const isIdle = ({ backend }: Slot) =>
    sets.some(({ key, live, idle }) => backend !== live && [key, idle].includes(backend));
  /** Some of its routes lead to it, and others lead past it. */
  const isBetween = ({ slots }: ObservedInstance) => slots.some(isIdle) && !slots.every(isIdle);
  const members = new Map<string, Member>(
    observed.instances.map((one) => {
      const admitted = one.traffic === 'in' || (one.traffic === 'out' && one.slots.length > 0) || isBetween(one);
      return [one.name, { ...one, ready: one.traffic === 'in', admitted }];
    }),
  );
  const free = new Map(observed.freeSlots.map((slot) => [keyOf(slot), slot]));
  const lost = new Map((observed.lost ?? []).map((one) => [one.name, one]));
  const running = () => [...members.values()].filter((one) => one.state === 'running');
  const serving = () => running().filter((one) => one.traffic === 'in');
  // An instance that no route can reach yet still takes room; one that takes nothing new does not.
  const live = () => running().filter((one) => one.traffic === 'in' || !left.has(one.name));
  /** Expects an answer on every route that had one. */
  const answers = ({ live }: ObservedSets) =>
    running().some((one) => one.admitted && one.slots.some(({ backend }) => backend === live));
  const answered = sets.filter(answers).map(({ key }) => key);
  const left = new Set(observed.instances.filter((one) => one.traffic === 'out').map((one) => one.name));

  return {
    apply,
    serving,
    live,
    observe: () => ({
      instances: [...members.values()],
      freeSlots: [...free.values()],
      lost: [...lost.values()],
      sets,
    }),
  };

  function apply(step: Step): void {
    if (step.kind === 'launch') launch(step);
    if (step.kind === 'config') isConfigured = !step.restore;
    if (step.kind === 'probe') must(step.instance).ready = true;
    if (step.kind === 'swap' && step.enter) enter(step.enter, step);
    if (step.kind === 'swap' && step.leave) leave(step.leave);
    if (step.kind === 'drain') drain(step.instance);
    if (step.kind === 'retire') retire(step.instance);
    if (step.kind === 'switch') turn(step);
    if (step.kind === 'weigh') for (const { instance, ...share } of step.weights) weigh(instance, share);
    const kinds = new Set(serving().map((one) => one.fingerprint));
    demand(!bounds.unmixed || kinds.size <= 1, `${step.id}: ${[...kinds].join(' and ')} are in traffic`);
    const silent = bounds.floor > 0 && sets.find((set) => answered.includes(set.key) && !answers(set));
    demand(!silent, `${step.id}: nobody serves ${silent ? silent.live : ''}`);
    demand(serving().length >= bounds.floor, `${step.id}: ${serving().length} serve, ${bounds.floor} must`);
    demand(live().length <= bounds.ceiling, `${step.id}: ${live().length} run, ${bounds.ceiling} may`);
  }

  function launch({ instance, fingerprint, undoes, stage: isStaged }: LaunchStep): void {
    demand(
      !bounds.configured || isConfigured === (undoes === undefined),
      `${instance.name} finds configuration files of another version`,
    );
    if (members.get(instance.name)?.state === 'running') return;
    const other = running().find((one) => one.fingerprint !== fingerprint);
    demand(!bounds.exclusive || !other, `${instance.name} is launched while ${other?.name} runs`);
    const ports = Object.values(instance.ports);
    const holder = running().find(({ published }) => published.some((port) => ports.includes(port)));
    if (holder && bounds.inPlace) {
      demand(!bounds.routed || holder.traffic === 'out', `${holder.name} ends before it is drained`);
      Object.assign(holder, { state: 'exited', traffic: 'out' });
    } else demand(!holder, `${instance.name} is launched at a port that ${holder?.name} has`);
    const gone = [...lost.values()].find((one) => Object.values(one.ports).some((port) => ports.includes(port)));
    demand(!gone, `${instance.name} is launched at a port that a server of ${gone?.name} leads to`);
    const traffic = bounds.routed ? 'out' : 'in';
    left.delete(instance.name);
    members.set(instance.name, {
      ...instance,
      published: Object.values(instance.ports),
      slots: [],
      fingerprint,
      state: 'running',
      traffic,
      ready: false,
      admitted: false,
    });
    if (isStaged) stage(instance);
  }

  /** No other instance may hold its servers, which carry no traffic yet. */
  function stage(ref: InstanceRef): void {
    take(ref);
    Object.assign(must(ref), { slots: ref.slots, traffic: 'draining' });
  }

  function take({ name, slots }: InstanceRef): void {
    for (const slot of slots) {
      const holder = [...members.values()].find(
        (other) => other.name !== name && other.slots.some((held) => keyOf(held) === keyOf(slot)),
      );
      demand(!holder, `${name} is led to by ${keyOf(slot)}, which ${holder?.name} holds`);
      free.delete(keyOf(slot));
    }
  }

  function turn({ switches, instances }: StepOf<'switch'>): void {
    for (const ref of instances) demand(must(ref).admitted, `${ref.name} is not in its servers before the switch`);
    sets = sets.map((set) => {
      const to = switches.find(({ key, proxy }) => key === set.key && proxy === set.proxy)?.to ?? set.live;
      return to === set.live ? set : { ...set, live: to, idle: set.live };
    });
    for (const one of running()) {
      if (isBetween(one) || one.slots.length === 0 || !one.admitted) continue;
      one.traffic = one.slots.some(isIdle) ? 'out' : 'in';
      if (one.traffic === 'out') left.add(one.name);
      else left.delete(one.name);
    }
  }

  function weigh(ref: InstanceRef, { weight, chosen }: Pick<StepOf<'swap'>, 'weight' | 'chosen'>): void {
    const one = members.get(ref.name);
    demand(weight !== 0 || chosen || !bounds.routed, `${ref.name} gets no traffic at all`);
    if (one) one.weighed = weight === undefined && !chosen ? undefined : { weight, chosen };
  }

  function enter(ref: InstanceRef, share: Pick<StepOf<'swap'>, 'weight' | 'chosen'>): void {
    const one = must(ref);
    demand(one.state === 'running' && one.ready, `${ref.name} enters before it is ready`);
    take(ref);
    left.delete(ref.name);
    Object.assign(one, { slots: ref.slots, traffic: ref.slots.some(isIdle) ? 'out' : 'in', admitted: true });
    weigh(ref, share);
  }

  function leave(ref: PlacedRef): void {
    const one = members.get(ref.name);
    if (one) left.add(one.name);
    if (one?.traffic === 'in' || one?.admitted) Object.assign(one, { traffic: 'draining', admitted: false });
  }

  function drain(ref: PlacedRef): void {
    for (const slot of lost.get(ref.name)?.slots ?? []) free.set(keyOf(slot), slot);
    lost.delete(ref.name);
    const one = members.get(ref.name);
    if (!one) return;
    demand(one.traffic !== 'in', `${ref.name} is drained while in traffic`);
    takeOut(ref);
    for (const slot of one.slots) free.set(keyOf(slot), slot);
    left.add(ref.name);
    Object.assign(one, { slots: [], traffic: 'out', admitted: false });
  }

  function retire(ref: InstanceRef): void {
    const one = members.get(ref.name);
    if (!one) return;
    demand(
      !bounds.routed || one.state !== 'running' || one.traffic === 'out',
      `${ref.name} stops before it is drained`,
    );
    takeOut(ref);
    for (const slot of one.slots) free.set(keyOf(slot), slot);
    members.delete(ref.name);
  }

  /** A server counts as its own as long as it leads to its address, whoever answers there by now. */
  function takeOut({ name, slots, ports }: PlacedRef): void {
    const isTaken = (other: Member) => (slot: Slot) =>
      other.ports[slot.port] === ports[slot.port] && other.slots.some((held) => keyOf(held) === keyOf(slot));
    const successor = running().find((other) => other.name !== name && slots.some(isTaken(other)));
    demand(!successor, `${name} takes out a server of ${successor?.name}`);
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
