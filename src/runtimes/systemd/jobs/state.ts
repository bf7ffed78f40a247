import type { JobUnit } from '../../../hosts/job-units';
import { neverStarted } from '../../../model/observed';
import type { RuntimeInstance } from '../../runtime';
import { exitCode, type UnitState } from '../unit-state';
import { type SystemdHost, showUnits } from '../units';
import { hasUnitFile, isMarked, jobUnitOf } from './places';

/** A job's run as systemd and its record tell it. */
export interface Run extends Pick<RuntimeInstance, 'state' | 'exitCode' | 'startedAt'> {
  unit: UnitState;
}

/** Returns the runs, in the order of their records. */
export async function runsOf(host: SystemdHost, records: JobUnit[]): Promise<Run[]> {
  const units = await showUnits(
    host,
    records.map(({ name }) => jobUnitOf(name)),
  );
  return await Promise.all(records.map((record, index) => runOf(record, units[index]!)));
}

export const jobRun = async (host: SystemdHost, record: JobUnit): Promise<Run> => (await runsOf(host, [record]))[0]!;

async function runOf({ name, begunAt }: JobUnit, unit: UnitState): Promise<Run> {
  if (begunAt === undefined) return { state: 'created', startedAt: neverStarted, unit };
  const startedAt = unit.startedAt || begunAt;
  if (isRunning(unit)) return { state: 'running', startedAt, unit };
  if (unit.run !== '' && (await hasUnitFile(name))) return { state: 'exited', ...codeOf(unit), startedAt, unit };
  // A reboot takes the unit along; people who stop it make systemd forget its end. Neither is a good one.
  if (!(await hasUnitFile(name)) || (await isMarked(name))) return { state: 'exited', startedAt: begunAt, unit };
  // The worker was lost between its note and the start.
  return { state: 'created', startedAt: neverStarted, unit };
}

/** Once its program has ended well it stays active, so that systemd remembers the end. */
const isRunning = ({ active, sub, isQueued }: UnitState): boolean =>
  isQueued || (!['inactive', 'failed'].includes(active) && sub !== 'exited');

/** None for a program that systemd could not start, and for a good end of one that systemd calls failed. */
function codeOf({ exec, result }: UnitState): { exitCode?: number } {
  const code = exec.code === 0 ? undefined : exitCode(exec, result);
  return code === undefined || (code === 0 && result !== 'success') ? {} : { exitCode: code };
}
