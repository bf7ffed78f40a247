import { type UnitRecord, unitRecords } from '../../hosts/unit-records';
import { neverStarted } from '../../model/observed';
import type { InstanceQuery, LabelledContainer, RuntimeInstance } from '../runtime';
import { exitCodeOf } from './ends';
import { portsOf, processesOf } from './processes';
import { instanceOfUnit, isUnitOf } from './template';
import { type Seat, type SystemdHost, seatsOf, unitsOf } from './units';

/** Belay's instances of a service, and units that run without Belay, by name. */
export async function observeUnits(host: SystemdHost, query: InstanceQuery): Promise<RuntimeInstance[]> {
  const records = (await unitRecords(host)).filter((one) => isAsked(one, query));
  const found = query.project === undefined ? [] : await unitsOf(host, query.project);
  const units = [...new Set([...records.map(({ unit }) => unit), ...found])];
  const seats = new Map((await seatsOf(host, units)).map((seat) => [seat.unit, seat]));
  const own = await Promise.all(records.map((record) => instanceOf(host, record, seats.get(record.unit)!)));
  const others = [...seats.values()].filter((seat) => isFound(seat) && !records.some(({ name }) => name === seat.unit));
  const adopted = await Promise.all(others.map((seat) => foundInstance(seat)));
  return [...own, ...adopted]
    .filter(({ name }) => query.name === undefined || name === query.name)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function labelledUnits(host: SystemdHost): Promise<LabelledContainer[]> {
  const records = await unitRecords(host);
  const seats = await seatsOf(host, [...new Set(records.map(({ unit }) => unit))]);
  return records.flatMap(({ name, unit, identity }) => {
    if (!identity) return [];
    const { platform, service, revision } = identity;
    const seat = seats.find((one) => one.unit === unit)!;
    return [{ name, platform, service, revision, running: seat.isLive && seat.occupant === name }];
  });
}

const isAsked = ({ identity, unit }: UnitRecord, { platform, service, project }: InstanceQuery): boolean =>
  identity ? identity.platform === platform && identity.service === service : isUnitOf(unit, project ?? '');

/** True for a unit that runs without Belay: nobody's drop-in is there, and its only run is its own. */
const isFound = ({ unit, isLive, occupant }: Seat): boolean => isLive && occupant === unit;

async function instanceOf(host: SystemdHost, record: UnitRecord, seat: Seat): Promise<RuntimeInstance> {
  const { name, identity, ports, took } = record;
  const isRunning = seat.isLive && seat.occupant === name;
  const state = isRunning ? 'running' : identity && !took ? 'created' : 'exited';
  const exitCode = state === 'exited' ? await exitCodeOf(host, record, seat) : undefined;
  // It may listen at more ports than its spec names, and these are in use as well.
  const held = { ...ports, ...(isRunning && (await foundPorts(seat))) };
  return {
    name,
    ...(identity && { number: identity.instance }),
    revision: identity?.revision ?? 0,
    fingerprint: identity?.fingerprint ?? fingerprintOf(seat),
    state,
    ...(exitCode !== undefined && { exitCode }),
    restarts: isRunning ? seat.state.restarts : 0,
    startedAt: (isRunning ? seat.state.startedAt : record.startedAt) || neverStarted,
    health: 'none',
    ports,
    published: [...new Set(Object.values(held))].sort((a, b) => a - b),
    stopSignal: seat.state.killSignal,
  };
}

async function foundInstance(seat: Seat): Promise<RuntimeInstance> {
  const ports = await foundPorts(seat);
  const { state, unit } = seat;
  return {
    name: unit,
    revision: 0,
    fingerprint: fingerprintOf(seat),
    state: 'running',
    restarts: state.restarts,
    startedAt: state.startedAt || neverStarted,
    health: 'none',
    ports,
    published: Object.values(ports),
    stopSignal: state.killSignal,
  };
}

/** The ports at which the unit's processes listen, and the one that names an instance of a template. */
export async function foundPorts({ unit, state }: Pick<Seat, 'unit' | 'state'>): Promise<Record<string, number>> {
  const named = Number(instanceOfUnit(unit));
  const listening = await portsOf(await processesOf(state.cgroup));
  const all = [...new Set([...listening, ...(Number.isInteger(named) && named > 0 && named < 65536 ? [named] : [])])];
  return Object.fromEntries(all.sort((a, b) => a - b).map((port) => [port, port]));
}

/** What runs without Belay differs from every revision. */
const fingerprintOf = ({ unit, state }: Pick<Seat, 'unit' | 'state'>): string => `${unit} ${state.file}`;
