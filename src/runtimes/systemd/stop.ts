import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readText } from '../../hosts/file';
import { removeUnitRecord, type UnitRecord, unitRecord, unitRecords, writeUnitRecord } from '../../hosts/unit-records';
import { dropInPath, instanceIn, systemFolder } from './drop-in';
import { foundRecord } from './found';
import { isInstalled } from './installed';
import { startOfProcess } from './processes';
import { removeDropIn } from './start';
import type { SystemdTemplate } from './template';
import { type Seat, type SystemdHost, seatAt } from './units';

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
  // The state of a unit that nothing else wants is forgotten with the next reload: none follows here.
  await host.ctl.attempt(['disable', '--no-reload', '--quiet', '--', record.unit]);
  if (signal === 'SIGKILL') await host.ctl.attempt(['kill', '--signal=SIGKILL', '--', record.unit]);
  await host.ctl.ask(['stop', '--no-block', '--', record.unit, ...triggers]);
}

/** Ensures that the instance is gone. A unit file that Belay has installed goes with the last one that needs it. */
export async function removeInstance(host: SystemdHost, name: string): Promise<void> {
  const found = await known(host, name);
  if (!found) return;
  const { record, seat } = found;
  if (seat.isLive && seat.occupant === name) {
    await signalInstance(host, name, seat.state.killSignal);
    await host.ctl.ask(['stop', '--', record.unit]);
  }
  const path = dropInPath(record.unit);
  const isHolder = instanceIn(await readText(path)) === name;
  await removeUnitRecord(host, name);
  const changed = [isHolder && (await removeDropIn(path)), await removeUnitFile(host, record)];
  if (changed.some(Boolean)) await host.ctl.ask(['daemon-reload']);
  if (isHolder && (await seatAt(host, record.unit)).state.active === 'failed')
    await host.ctl.attempt(['reset-failed', '--', record.unit]);
}

async function removeUnitFile(host: SystemdHost, { template, identity }: UnitRecord): Promise<boolean> {
  const { unit } = template as SystemdTemplate;
  const path = `${systemFolder}/${unit}`;
  if (!identity || !isInstalled(path)) return false;
  const others = await unitRecords(host);
  if (others.some((one) => (one.template as SystemdTemplate).unit === unit)) return false;
  await rm(path, { force: true });
  return true;
}

/** Milliseconds between looks at a process, and at a unit without one. */
const [atProcess, atUnit] = [50, 500];

/** As `Runtime.ended`: the kernel is asked about the main process, systemd about a unit without one. */
export async function endOfInstance(host: SystemdHost, name: string, signal: AbortSignal): Promise<void> {
  const first = await liveSeat(host, name);
  if (!first) return;
  const { pid, run } = first.state;
  const start = pid === 0 ? undefined : await startOfProcess(pid);
  for (;;) {
    await sleep(start === undefined ? atUnit : atProcess, undefined, { signal }).catch(() => signal.throwIfAborted());
    if (start !== undefined && (await startOfProcess(pid)) === start) continue;
    const now = await liveSeat(host, name);
    if (!now || now.state.run !== run || now.state.pid !== pid) return;
  }
}

async function liveSeat(host: SystemdHost, name: string): Promise<Seat | undefined> {
  const record = await unitRecord(host, name);
  if (!record && !name.endsWith('.service')) return undefined;
  const seat = await seatAt(host, record?.unit ?? name);
  return seat.isLive && seat.occupant === name ? seat : undefined;
}
