import { BelayError } from '../../errors';
import type { DesiredRoute, StrategyOf } from '../../model/desired';
import type { ObservedInstance, ObservedSets, Slot } from '../../model/observed';
import type { BackendSwitch, InstanceRef, Step } from '../../model/plan';
import { takenAgain } from '../../model/task';
import { refOf, sortFleet } from '../fleet';
import { type StrategyGraph, stepMaker } from '../graph';
import { createMoves, type Moves } from '../moves';
import { createNames } from '../names';
import { needsBefore } from '../needs';
import type { ServiceInput } from '../plan-release';
import { createSlots, leadsTo, tooFewSlots } from '../slots';
import { seriesOf } from '../validations';
import { rolling } from './rolling';

/**
 * Launches a full second set, tests it out of traffic, then sends all new requests there at once. The old set runs on
 * for `warm`, so that a rollback is one switch too. A mere change of the number changes the serving set.
 */
export function blueGreen(input: ServiceInput, { warm }: StrategyOf<'blue-green'>): StrategyGraph {
  const sets = setsOf(input);
  const { leave } = sortFleet(input.desired, input.observed);
  const wrong = leave.filter((one) => one.fingerprint !== input.desired.fingerprint);
  if (wrong.length === 0 && liveSlots(input, sets).used) return withinLive(input);
  return secondSet({ input, sets, warm: takenAgain(input.desired) ? 0 : warm });
}

interface Context {
  input: ServiceInput;
  sets: ObservedSets[];
  warm: number;
}

function secondSet({ input, sets, warm }: Context): StrategyGraph {
  const { desired, observed } = input;
  const moves = createMoves(input, 'forward');
  const back = createMoves(input, 'undo');
  const old = observed.instances.filter((one) => one.state === 'running' && one.traffic === 'in');
  const found = observed.instances.filter((one) => isReusable(one, { input, sets })).slice(0, desired.instances);
  const others = observed.instances.filter((one) => !old.includes(one) && !found.includes(one));
  const slots = createSlots(observed.freeSlots);
  const given = (observed.lost ?? []).map((one) => ({ one, steps: moves.giveUp(one, { needs: [] }) }));
  const cleared = [
    ...others.flatMap((one) => moves.takeOut(refOf(one), { needs: [] })),
    ...given.flatMap(({ steps }) => steps),
  ];
  for (const one of others) slots.free(one.slots, { instance: one.name, step: outStep(moves, one) });
  for (const { one, steps } of given) slots.free(one.slots, { instance: one.name, step: steps[1].id });

  const places = place({ input, sets, slots, found });
  const entering = places.flatMap((one) => bringIn({ ...one, moves, input }));
  const instances = places.map(({ instance }) => instance);
  // Left-over instances must be out of the idle set before the map leads there.
  const ready = [...cleared, ...entering].filter(({ kind }) => kind === 'swap').map((step) => step.id);
  const asked = needsBefore(input, { needs: ready });
  const turn = stepMaker(input, 'forward')('switch', {
    switches: switchesTo(sets),
    instances,
    needs: [...ready, ...asked.map(({ id }) => id)],
  });
  const backTurn = stepMaker(input, 'undo')('switch', {
    switches: turn.switches.map(({ from, to, ...rest }) => ({ ...rest, from: to, to: from })),
    instances: [],
    undoes: turn.id,
    needs: [],
  });
  // An instance without a server is reached past the proxy, and serves as long as it runs. It has to go if it holds a
  // port of the proxy.
  const isNeeded = ({ name }: ObservedInstance) => input.lending?.holders.includes(name);
  const kept = warm > 0 ? old.filter((one) => one.slots.length > 0 && !isNeeded(one)) : [];
  const leaving = old.filter((one) => !kept.includes(one));
  const series = seriesOf(input, { instances, needs: [turn.id] });
  const decided = [turn.id, ...series.map(({ id }) => id)];
  const retired = leaving.flatMap((one) => moves.takeOut(refOf(one), { needs: decided }));
  const fresh = places.filter((one) => one.fresh).map(({ instance }) => instance);
  return {
    steps: [...cleared, ...entering, ...asked, turn, ...series, ...retired],
    undo: [
      ...leaving.flatMap((one) => revive({ back, moves, one })),
      {
        ...backTurn,
        needs: leaving.map((one) => back.id(one.slots.length > 0 ? 'swap' : 'probe', one.name)),
      },
      ...fresh.flatMap((instance) => withdraw({ back, moves, instance, turn: backTurn.id })),
    ],
    entered: instances,
    kept: [],
    warm: kept.length > 0 ? { instances: kept.map(refOf), time: warm } : undefined,
  };
}

/** Grows or shrinks the set that serves. */
const withinLive = (input: ServiceInput): StrategyGraph =>
  rolling(inLive(input), { kind: 'rolling', surge: 1, unavailable: 0 });

/** Returns the service as its live sets show it: servers of the idle set bring no traffic. */
export function inLive(input: ServiceInput): ServiceInput {
  const { desired, observed } = input;
  const { sets = [] } = observed;
  const routes = desired.routes.map((route) => ({ ...route, backend: setOf(sets, route)?.live ?? route.backend }));
  const isIdle = (one: ObservedInstance) => one.slots.some((slot) => sets.some((set) => leadsPast(set, slot)));
  const instances = observed.instances
    .filter((one) => !isWarm(one, input))
    // A crash or another strategy left them in the idle set. They go, whatever their version.
    .map((one) => (isIdle(one) ? { ...one, isIdle: true as const } : one));
  return { ...input, desired: { ...desired, routes }, observed: { ...observed, instances } };
}

/** True for a slot of the idle set, or of the single backend from before blue-green. */
const leadsPast = ({ proxy, key, live, idle }: ObservedSets, slot: Slot): boolean =>
  slot.proxy === proxy && slot.backend !== live && [key, idle].includes(slot.backend);

function setsOf({ desired, observed }: ServiceInput): ObservedSets[] {
  const missing = desired.routes.filter((route) => !setOf(observed.sets ?? [], route));
  if (missing.length === 0) return observed.sets ?? [];
  throw new BelayError(
    'preflight-failed',
    `${desired.service}: no map of proxy ${missing[0]!.proxy} leads to one of two sets by the key ${missing[0]!.backend}`,
    { hint: 'belay doctor prints the lines that blue-green needs in the configuration of HAProxy' },
  );
}

const setOf = (sets: ObservedSets[], { proxy, backend }: DesiredRoute): ObservedSets | undefined =>
  sets.find((one) => one.proxy === proxy && one.key === backend);

const switchesTo = (sets: ObservedSets[]): BackendSwitch[] =>
  sets.map(({ proxy, key, live, idle }) => ({ proxy, key, from: live, to: idle }));

function liveSlots({ desired, observed }: ServiceInput, sets: ObservedSets[]) {
  const live = sets.map(({ proxy, live: backend }) => ({ proxy, backend, port: 0 }));
  const right = observed.instances.filter(
    (one) => one.fingerprint === desired.fingerprint && one.state === 'running' && one.traffic === 'in',
  );
  return { used: right.some((one) => live.some((route) => one.slots.some(leadsTo(route)))) };
}

/** True for a right, running instance outside of all serving sets. */
function isReusable(one: ObservedInstance, { input, sets }: Pick<Context, 'input' | 'sets'>): boolean {
  const { fingerprint } = input.desired;
  const isIdle = (backend: string) => sets.some((set) => set.idle === backend);
  return (
    one.state === 'running' &&
    one.fingerprint === fingerprint &&
    one.traffic !== 'in' &&
    one.slots.every(({ backend }) => isIdle(backend))
  );
}

/** True for an instance that a recorded release keeps running for a quick rollback. */
export const isWarm = (
  one: ObservedInstance,
  { observed, desired }: Pick<ServiceInput, 'observed' | 'desired'>,
): boolean =>
  desired.strategy.kind === 'blue-green' &&
  one.state === 'running' &&
  one.traffic === 'out' &&
  one.fingerprint !== desired.fingerprint &&
  observed.revisions.some(({ number, state }) => number === one.revision && state === 'recorded');

interface Placed {
  instance: InstanceRef;
  fresh: boolean;
  /** True if the instance is in all of its servers, ready for the switch. */
  warm: boolean;
  needs: string[];
}

function place({
  input,
  sets,
  slots,
  found,
}: Omit<Context, 'warm'> & { slots: ReturnType<typeof createSlots>; found: ObservedInstance[] }): Placed[] {
  const { desired, revision } = input;
  const next = createNames(input);
  const routes = desired.routes.map((route) => ({ ...route, backend: setOf(sets, route)!.idle }));
  const slotsFor = (name: string, own: ObservedInstance['slots']) => {
    const open = routes.filter((route) => !own.some(leadsTo(route)));
    const taken = slots.take(open, name);
    if (!taken) throw tooFewSlots(desired, slots.missing(open));
    return { slots: [...own, ...taken.slots], needs: taken.needs };
  };
  const again = found.map((one): Placed => {
    const at = slotsFor(one.name, one.slots);
    const warm = one.traffic === 'out' && at.slots.length === one.slots.length;
    return { instance: { ...refOf(one), slots: at.slots }, fresh: false, warm, needs: at.needs };
  });
  const fresh = Array.from({ length: desired.instances - found.length }, (): Placed => {
    const { instance: named } = next();
    const at = slotsFor(named.name, []);
    return { instance: { ...named, revision, slots: at.slots }, fresh: true, warm: false, needs: at.needs };
  });
  return [...again, ...fresh];
}

/** The proxy's own checks prove a warm instance in its servers, at the switch. */
function bringIn({
  moves,
  input,
  instance,
  fresh,
  warm,
  needs,
}: Placed & { moves: Moves; input: ServiceInput }): Step[] {
  const { name } = instance;
  if (warm) return [];
  const launch = moves.launch(instance, {
    fingerprint: input.desired.fingerprint,
    isFree: needs.length === 0,
    needs: [],
  });
  const probe = moves.probe(instance, { needs: fresh ? [launch.id] : [] });
  const smokes = moves.smokes(instance, { needs: [probe.id] }).map((step) => ({ ...step, id: `${step.id}/${name}` }));
  const staged = fresh ? launch.stage : undefined;
  const swap = moves.enter(instance, { needs: [probe.id, ...smokes.map((step) => step.id), ...needs], staged });
  return [...(fresh ? [launch] : []), probe, ...smokes, swap];
}

const outStep = (moves: Moves, one: ObservedInstance): string =>
  moves.id(one.slots.length > 0 ? 'drain' : 'retire', one.name);

function revive({ back, moves, one }: { back: Moves; moves: Moves; one: ObservedInstance }): Step[] {
  const instance = refOf(one);
  const undoes = moves.id('retire', one.name);
  const launch = back.launch(instance, { fingerprint: one.fingerprint, undoes, isFree: true, needs: [] });
  const probe = back.probe(instance, { undoes, needs: [launch.id] });
  if (one.slots.length === 0) return [launch, probe];
  return [launch, probe, back.readmit(one, { undoes: moves.id('swap', one.name), needs: [probe.id] })];
}

interface Withdrawn {
  back: Moves;
  moves: Moves;
  instance: InstanceRef;
  turn: string;
}

function withdraw({ back, moves, instance, turn }: Withdrawn): Step[] {
  const begun = moves.id('launch', instance.name);
  const leave = back.leave(instance, { undoes: moves.id('swap', instance.name), needs: [turn] });
  const drain = back.drain(instance, { undoes: begun, needs: [turn, leave.id] });
  return [leave, drain, back.retire(instance, { undoes: begun, needs: [drain.id] })];
}
