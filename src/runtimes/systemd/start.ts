import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BelayError } from '../../errors';
import { readText, removeEmptyFolder, writeAtomic } from '../../hosts/file';
import { type UnitRecord, unitRecord, writeUnitRecord } from '../../hosts/unit-records';
import { attest, ticksNow } from './attest';
import { dropInPath, dropInText, systemFolder, toldIn } from './drop-in';
import { endOfRun } from './ends';
import { failedStart, refusePorts } from './failed-start';
import { keepFound, noteUnit, pointTo } from './files';
import { foundRecord } from './found';
import { installedText } from './installed';
import type { SystemdTemplate } from './template';
import { type Seat, type SystemdHost, seatAt, showUnits } from './units';

/**
 * Gives the instance its unit, and ensures that the unit runs for it: files, link and drop-in first, then one job. A
 * unit that runs for another instance is restarted, so that nothing that systemd keeps for it is lost. The signal ends
 * the wait for the job.
 */
export async function startInstance(host: SystemdHost, name: string, signal?: AbortSignal): Promise<void> {
  const record = await unitRecord(host, name);
  if (!record) throw new BelayError('instance-lost', `${name} is gone`);
  const seat = await seatAt(host, record.unit);
  if (seat.state.active === 'active' && seat.occupant === name && isHolder(seat, name)) return;
  await refuseOther(host, record, seat);
  await refusePorts(record, seat);
  await keepFormer(host, record, seat);
  const taken: UnitRecord = { ...record, took: tookOf(record, seat), asked: undefined, reloaded: undefined };
  await writeUnitRecord(host, taken);
  const isChanged = await seatFiles(host, taken);
  if (isChanged || seat.state.needsReload) await host.ctl.ask(['daemon-reload']);
  await runUnit(host, { record: taken, before: seat, signal });
}

const isHolder = ({ holder, unit }: Seat, name: string): boolean => (holder ?? unit) === name;

const templateOf = ({ template }: Pick<UnitRecord, 'template'>): SystemdTemplate => template as SystemdTemplate;

/** The run that the unit has before this instance; a second try keeps what the first one saw. */
function tookOf({ name, took }: UnitRecord, { state, occupant, holder, isLive }: Seat): UnitRecord['took'] {
  if (took && holder === name && took.run === state.run) return took;
  return { run: state.run, ...(isLive && occupant !== undefined && { from: occupant }) };
}

/** A unit belongs to one service. */
async function refuseOther(
  host: SystemdHost,
  { name, unit, identity }: UnitRecord,
  { holder, isLive }: Seat,
): Promise<void> {
  const other = holder === undefined ? undefined : (await unitRecord(host, holder))?.identity;
  if (!other || !identity || !isLive) return;
  if (other.platform === identity.platform && other.service === identity.service) return;
  throw new BelayError(
    'launch-failed',
    `${name}: ${unit} already runs ${holder}, of ${other.platform}/${other.service}`,
    {
      hint: 'give each service a unit of its own',
    },
  );
}

/** Writes down what Belay found, before it changes for the first time. */
async function keepFormer(host: SystemdHost, record: UnitRecord, seat: Seat): Promise<void> {
  if (seat.isLive && seat.holder === undefined && record.identity) {
    await foundRecord(host, seat);
    await noteUnit(host, seat.unit, { ...record.identity, revision: 0 });
  }
  const { files } = templateOf(record);
  if (files) await keepFound(host, { files, unit: record.unit });
}

/** Ensures link, unit file and drop-in. Returns true if systemd has to read them again. */
async function seatFiles(host: SystemdHost, record: UnitRecord): Promise<boolean> {
  const { unit, name, identity } = record;
  const { directives, unitText, unit: file } = templateOf(record);
  await pointTo(host, { unit, template: templateOf(record) });
  const path = dropInPath(unit);
  if (!identity) return await removeDropIn(path);
  const written = await Promise.all([
    unitText === undefined ? false : writeChanged(`${systemFolder}/${file}`, installedText(unitText)),
    writeChanged(path, dropInText({ name, identity, directives })),
  ]);
  return written.some(Boolean);
}

async function writeChanged(path: string, data: string): Promise<boolean> {
  if ((await readText(path)) === data) return false;
  await writeAtomic({ path, data, mode: 0o644 });
  return true;
}

export async function removeDropIn(path: string): Promise<boolean> {
  const isThere = (await readText(path)) !== undefined;
  await rm(path, { force: true });
  await removeEmptyFolder(dirname(path));
  return isThere;
}

interface Run {
  record: UnitRecord;
  before: Seat;
  signal?: AbortSignal;
}

async function runUnit(host: SystemdHost, { record, before, signal }: Run): Promise<void> {
  const { unit, name, identity } = record;
  await enable(host, record);
  const states = await showUnits(host, [unit, ...before.state.triggers]);
  const idle = states
    .slice(1)
    .filter(({ active }) => active === 'inactive')
    .map(({ id }) => id);
  const job = await jobFor(record, before);
  const limited = before.state.result === 'start-limit-hit' || before.state.active === 'failed';
  if (limited) await host.ctl.ask(['reset-failed', '--', unit]);
  if (idle.length > 0) await host.ctl.ask(['start', '--', ...idle]);
  const [since, began] = [await ticksNow(), Date.now()];
  const ended = await host.ctl.attempt([job, '--', unit], signal);
  const after = await seatAt(host, unit);
  const from = record.took?.from;
  if (from !== undefined && from !== name && after.state.run !== record.took!.run)
    await writeEnd(host, from, record.took!.run);
  if (ended.code !== 0)
    throw await failedStart(host, { name, state: after.state, why: ended.why, record, since: began });
  const { run, startedAt } = after.state;
  await writeUnitRecord(host, { ...record, run, startedAt, ...(job === 'reload' && { reloaded: run }) });
  await attest(host, { record, state: after.state, began, ...(job === 'reload' && { since }) });
  if (identity && !(await seatAt(host, unit)).isLive)
    throw await failedStart(host, { name, state: after.state, why: 'it ended at once', record, since: began });
}

/** A unit without [Install] is started by another, and one that was found is enabled as it was. */
async function enable({ ctl }: SystemdHost, record: UnitRecord): Promise<void> {
  const { found } = templateOf(record);
  if (found && !found.enabled) return;
  await ctl.attempt(['enable', '--no-reload', '--quiet', '--', record.unit]);
}

/** A reload reaches a running process only where nothing but files and names have changed. */
async function jobFor(record: UnitRecord, { isLive, occupant, state, dropIn }: Seat): Promise<string> {
  // A second try joins the job of the first.
  if (!isLive || occupant === record.name) return 'start';
  const told = toldIn(await readText(dropInPath(record.unit)));
  const isSame = dropIn !== undefined && toldIn(dropIn) === told;
  return templateOf(record).reload && state.canReload && state.active === 'active' && isSame ? 'reload' : 'restart';
}

/** The one before has ended with the restart: its end is in the journal alone. */
async function writeEnd(host: SystemdHost, name: string, run: string): Promise<void> {
  const former = await unitRecord(host, name);
  if (!former) return;
  const exitCode = await endOfRun(host, run);
  await writeUnitRecord(host, { ...former, run, ...(exitCode !== undefined && { exitCode }) });
}
