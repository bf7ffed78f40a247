import { rm } from 'node:fs/promises';
import { removeUnitRecord, type UnitRecord, unitRecord, unitRecords, writeUnitRecord } from '../../hosts/unit-records';
import { awaitEnd } from './await-end';
import { keepDown } from './comeback';
import { dropInPath, systemFolder } from './drop-in';
import { foundRecord } from './found';
import { isInstalled } from './installed';
import { removeDropIn } from './seating';
import type { SystemdTemplate } from './template';
import { isHolder, type Seat, type SystemdHost, seatAt, showUnit } from './units';

/** The record of an instance, and its unit; of a unit that runs without Belay, the record is made. */
async function known(host: SystemdHost, name: string): Promise<{ record: UnitRecord; seat: Seat } | undefined> {
  const record = await unitRecord(host, name);
  if (record) return { record, seat: await seatAt(host, record.unit) };
  if (!name.endsWith('.service')) return undefined;
  const seat = await seatAt(host, name);
  return seat.isLive && seat.occupant === name ? { record: await foundRecord(host, seat), seat } : undefined;
}

/**
 * Lets systemd stop the unit as its file says, and keeps it from coming back: by Restart=, by its socket, at the next
 * boot. With SIGKILL every process of it is killed at once. Returns before it has ended.
 */
export async function signalInstance(host: SystemdHost, name: string, signal: string): Promise<void> {
  const found = await known(host, name);
  if (!found?.seat.isLive || found.seat.occupant !== name) return;
  const { record, seat } = found;
  const { run, startedAt, triggers } = seat.state;
  await writeUnitRecord(host, { ...record, run, startedAt, asked: true });
  await keepDown(host, seat);
  if (signal === 'SIGKILL') await host.ctl.attempt(['kill', '--signal=SIGKILL', '--', record.unit]);
  await host.ctl.ask(['stop', '--no-block', '--', record.unit, ...triggers]);
}

/**
 * Ensures that the instance is gone. A unit file that Belay has installed goes with the last one that needs it. The
 * record goes last: by it a second try finds what is left.
 */
export async function removeInstance(host: SystemdHost, name: string): Promise<void> {
  const found = await known(host, name);
  if (!found) return;
  const { record, seat } = found;
  const { unit } = record;
  await endUnit(host, name, seat);
  const changed = [isHolder(seat, name) && (await removeDropIn(dropInPath(unit))), await removeUnitFile(host, record)];
  if (changed.some(Boolean) || (await showUnit(host, unit)).needsReload) await host.ctl.ask(['daemon-reload']);
  await removeUnitRecord(host, name);
}

/** Ensures that the unit has ended, if it is the instance's, and that nothing starts it. */
async function endUnit(host: SystemdHost, name: string, seat: Seat): Promise<void> {
  const { unit, state, isLive, occupant } = seat;
  if (isLive && occupant === name) {
    await signalInstance(host, name, state.killSignal);
    await host.ctl.ask(['stop', '--', unit]);
  } else if (!isLive && isHolder(seat, name)) {
    await keepDown(host, seat);
    if (state.triggers.length > 0) await host.ctl.ask(['stop', '--', ...state.triggers]);
  }
  if (isHolder(seat, name) && (await showUnit(host, unit)).active === 'failed')
    await host.ctl.attempt(['reset-failed', '--', unit]);
}

async function removeUnitFile(host: SystemdHost, { name, template, identity }: UnitRecord): Promise<boolean> {
  const { unit } = template as SystemdTemplate;
  const path = `${systemFolder}/${unit}`;
  if (!identity || !isInstalled(path)) return false;
  const others = await unitRecords(host);
  if (others.some((one) => one.name !== name && (one.template as SystemdTemplate).unit === unit)) return false;
  await rm(path, { force: true });
  return true;
}

/** As `Runtime.ended`. */
export const endOfInstance = (host: SystemdHost, name: string, signal: AbortSignal): Promise<void> =>
  awaitEnd(async () => (await liveSeat(host, name))?.state, signal);

async function liveSeat(host: SystemdHost, name: string): Promise<Seat | undefined> {
  const record = await unitRecord(host, name);
  if (!record && !name.endsWith('.service')) return undefined;
  const seat = await seatAt(host, record?.unit ?? name);
  return seat.isLive && seat.occupant === name ? seat : undefined;
}
