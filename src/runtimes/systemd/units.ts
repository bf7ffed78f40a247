import { readText } from '../../hosts/file';
import { type UnitRecord, unitRecord } from '../../hosts/unit-records';
import { dropInPath, instanceIn } from './drop-in';
import type { Systemctl } from './systemctl';
import { properties, type UnitState, unitStates } from './unit-state';

export interface SystemdHost {
  ctl: Systemctl;
  /** BELAY_HOME. */
  home: string;
}

/** A unit, and the instance that has it. */
export interface Seat {
  unit: string;
  state: UnitState;
  /** The text of Belay's drop-in. */
  dropIn?: string;
  /** The instance that the drop-in names; the next start of the unit is its. */
  holder?: string;
  /** The instance that the unit's present or last run belongs to; the unit's own name if Belay found it. */
  occupant?: string;
  /** True while it runs, its start waits for its turn, or its socket waits for the first request. */
  isLive: boolean;
}

/** Returns the states of units, in the same order. */
export async function showUnits({ ctl }: Pick<SystemdHost, 'ctl'>, names: string[]): Promise<UnitState[]> {
  if (names.length === 0) return [];
  const asked = properties.flatMap((name) => ['-p', name]);
  return unitStates(await ctl.ask(['show', ...asked, '--', ...names]));
}

export const showUnit = async (host: Pick<SystemdHost, 'ctl'>, name: string): Promise<UnitState> =>
  (await showUnits(host, [name]))[0]!;

/** Returns the loaded units of a template, or the unit itself. */
export async function unitsOf({ ctl }: Pick<SystemdHost, 'ctl'>, name: string): Promise<string[]> {
  if (!name.includes('@.')) return [name];
  const pattern = name.replace('@.', '@*.');
  const text = await ctl.ask(['list-units', '--all', '--full', '--plain', '--no-legend', '--', pattern]);
  return text.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
}

/** Returns the units with the instances that have them, in the same order. */
export async function seatsOf(host: SystemdHost, units: string[]): Promise<Seat[]> {
  const states = await showUnits(host, units);
  return await Promise.all(units.map((unit, index) => seatOf(host, unit, states[index]!)));
}

export const seatAt = async (host: SystemdHost, unit: string): Promise<Seat> => (await seatsOf(host, [unit]))[0]!;

async function seatOf(host: SystemdHost, unit: string, state: UnitState): Promise<Seat> {
  const dropIn = await readText(dropInPath(unit));
  const holder = instanceIn(dropIn);
  const record = await unitRecord(host, holder ?? unit);
  const isLive = isUp(state) || (record?.asked !== true && (await waits(host, state)));
  const isOwn = holder === undefined && !record;
  const occupant = isOwn ? (isLive ? unit : undefined) : occupantOf(holder ?? unit, record, state);
  return { unit, state, dropIn, holder, occupant, isLive };
}

/** True if the next start of the unit is that of the instance. */
export const isHolder = ({ holder, unit }: Seat, name: string): boolean => (holder ?? unit) === name;

/** Between the change of the files and the restart, the unit still runs for the one before. */
function occupantOf(holder: string, record: UnitRecord | undefined, { run }: UnitState): string | undefined {
  if (!record) return undefined;
  const isBefore = run !== '' && record.took?.run === run && record.reloaded !== run;
  return isBefore ? record.took?.from : holder;
}

/** A unit whose start waits for others, as at boot, is up as well: nothing has ended. */
const isUp = ({ active, isQueued }: UnitState): boolean => isQueued || !['inactive', 'failed'].includes(active);

/** True for a unit that ended well and that its socket starts with the next request. */
async function waits(host: SystemdHost, { result, triggers }: UnitState): Promise<boolean> {
  const sockets = triggers.filter((name) => name.endsWith('.socket'));
  if (result !== 'success' || sockets.length === 0) return false;
  return (await showUnits(host, sockets)).some(({ active }) => active === 'active');
}
