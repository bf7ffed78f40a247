import { ticksNow } from '../../hosts/ticks';
import { type UnitRecord, unitRecord, writeUnitRecord } from '../../hosts/unit-records';
import { attest } from './attest';
import { endOfRun } from './ends';
import { failedStart } from './failed-start';
import type { SystemdTemplate } from './template';
import { toldNow } from './told';
import { type Seat, type SystemdHost, seatAt } from './units';

export interface Handover {
  record: UnitRecord;
  before: Seat;
  /** Ends the wait for the job. */
  signal?: AbortSignal;
}

/** Ensures by one job that the unit runs for the instance that has it. */
export async function handOver(host: SystemdHost, { record, before, signal }: Handover): Promise<void> {
  const { job, tried } = await prepared(host, record, before);
  await resetFailed(host, before);
  const [since, began] = [Math.floor(await ticksNow()), Date.now()];
  const ended = await host.ctl.attempt([job, '--', record.unit], signal);
  const { state } = await seatAt(host, record.unit);
  await noteFormer(host, record, state.run);
  const failed = (why: string) => failedStart(host, { name: record.name, state, why, record, since: began });
  if (ended.code !== 0) throw await failed(ended.why);
  const { run, startedAt } = state;
  if (job === 'reload') {
    await attest(host, { record, state, began, since });
    return await writeUnitRecord(host, { ...tried, run, startedAt, reloaded: run, reloading: undefined });
  }
  await writeUnitRecord(host, { ...tried, run, startedAt });
  await attest(host, { record, state, began });
  if (record.identity && !(await seatAt(host, record.unit)).isLive) throw await failed('it ended at once');
}

type Job = 'start' | 'restart' | 'reload';

/** The job, and the record that tells of it before it is done. */
async function prepared(host: SystemdHost, record: UnitRecord, before: Seat): Promise<{ job: Job; tried: UnitRecord }> {
  const told = await toldNow(host, record);
  const job = await jobFor(host, { record, before, told });
  // A start that finds it running tells it nothing.
  const isTold = job === 'start' && before.isLive;
  const reloading = job === 'reload' ? before.state.run : record.reloading;
  const tried = { ...record, told: isTold ? record.told : told, reloading };
  await writeUnitRecord(host, tried);
  return { job, tried };
}

interface Asked {
  record: UnitRecord;
  before: Seat;
  told: string | undefined;
}

/** A reload reaches a running process only where nothing but files and names have changed. */
async function jobFor(host: SystemdHost, { record, before, told }: Asked): Promise<Job> {
  const { isLive, occupant, state } = before;
  if (!isLive) return 'start';
  // A second try joins the job of the first. Half a reload for another instance is undone by a restart alone.
  if (occupant === record.name) return isHalf(record, state.run) ? 'restart' : 'start';
  const { reload } = record.template as SystemdTemplate;
  if (!reload || !state.canReload || state.active !== 'active' || told === undefined) return 'restart';
  const former = occupant === undefined ? undefined : await unitRecord(host, occupant);
  return former?.told === told ? 'reload' : 'restart';
}

/** True if a reload may have given a part of this run to another instance. */
export const isHalf = ({ reloading }: Pick<UnitRecord, 'reloading'>, run: string): boolean =>
  reloading !== undefined && reloading === run;

/** A unit that systemd has unloaded meanwhile has nothing to reset: the job tells what is wrong. */
async function resetFailed({ ctl }: SystemdHost, { unit, state }: Seat): Promise<void> {
  if (state.result === 'start-limit-hit' || state.active === 'failed') await ctl.attempt(['reset-failed', '--', unit]);
}

/** The one before has ended with the restart: its end is in the journal alone. */
async function noteFormer(host: SystemdHost, { name, took }: UnitRecord, run: string): Promise<void> {
  if (took?.from === undefined || took.from === name || took.run === '' || took.run === run) return;
  const former = await unitRecord(host, took.from);
  if (!former) return;
  const exitCode = await endOfRun(host, took.run);
  await writeUnitRecord(host, { ...former, run: took.run, ...(exitCode !== undefined && { exitCode }) });
}
