import { BelayError } from '../../../errors';
import { type JobUnit, jobUnit, removeJobUnit, writeJobUnit } from '../../../hosts/job-units';
import { awaitEnd } from '../await-end';
import { failedStart } from '../failed-start';
import { removeWritten } from '../seating';
import { exited, type UnitState } from '../unit-state';
import type { SystemdHost } from '../units';
import type { Verbs } from '../verbs';
import { hasUnitFile, isMarked, jobUnitOf, jobUnitPath } from './places';
import { jobRun, type Run } from './state';

/** A job's run. It is started once, whoever asks for it. */
export const jobVerbs: Verbs = {
  async start(host, name, signal) {
    const record = await jobUnit(host, name);
    if (!record) throw new BelayError('instance-lost', `${name} is gone`);
    if ((await jobRun(host, record)).state !== 'created') return;
    const unit = jobUnitOf(name);
    // The mark of a former run under this name would tell that this one has run.
    if (await isMarked(name)) await forgetMark(host, unit);
    const begun = { ...record, begunAt: new Date().toISOString() };
    await writeJobUnit(host, begun);
    const { code, why } = await host.ctl.attempt(['start', '--', unit], signal);
    if (code === 0) return;
    const { unit: state } = await jobRun(host, begun);
    if (!hasBegun(state))
      throw await failedStart(host, { name, state, why, record: { unit }, since: Date.parse(begun.begunAt) });
  },
  async signal(host, name, signal) {
    const run = await runOf(host, name);
    if (run?.state !== 'running') return;
    const unit = jobUnitOf(name);
    if (run.unit.isQueued) return void (await host.ctl.ask(['stop', '--no-block', '--', unit]));
    const { code, why } = await host.ctl.attempt(['kill', `--signal=${signal}`, '--', unit]);
    if (code !== 0 && (await runOf(host, name))?.state === 'running')
      throw new BelayError('launch-failed', `${name}: ${unit} takes no signal: ${why}`);
  },
  async remove(host, name) {
    const record = await jobUnit(host, name);
    if (!record) return;
    await takeDown(host, record);
    const isThere = await hasUnitFile(name);
    await removeWritten(jobUnitPath(name));
    if (isThere) await host.ctl.ask(['daemon-reload']);
    await removeJobUnit(host, name);
  },
  async ended(host, name, signal) {
    await awaitEnd(async () => {
      const run = await runOf(host, name);
      return run?.state === 'running' ? run.unit : undefined;
    }, signal);
  },
  logTail: logOfJob,
  logSinceStart: logOfJob,
  lastExit: async (host, name) => (await runOf(host, name))?.exitCode,
};

async function logOfJob(host: SystemdHost, name: string, lines: number): Promise<string> {
  const record = await jobUnit(host, name);
  if (record?.begunAt === undefined) return '';
  const run = await jobRun(host, record);
  // The journal may still have to read what the program has said last.
  if (run.state !== 'running') await host.ctl.journal(['--sync']).catch(() => '');
  const unit = jobUnitOf(name);
  // A former run may have had the name.
  const since = `--since=@${(Date.parse(record.begunAt) / 1000).toFixed(3)}`;
  // A program speaks for itself. The errors of systemd say why one could not be run.
  const ofSystemd = run.state === 'running' || hasBegun(run.unit) ? [] : ['+', `UNIT=${unit}`, 'PRIORITY=3'];
  const matches = [`_SYSTEMD_UNIT=${unit}`, ...ofSystemd];
  return (await host.ctl.journal(['-n', String(lines), '-o', 'cat', since, ...matches])).trimEnd();
}

async function runOf(host: SystemdHost, name: string): Promise<Run | undefined> {
  const record = await jobUnit(host, name);
  return record && (await jobRun(host, record));
}

/** Exit codes from 200 on are systemd's own, for what it does before it runs a program. */
const hasBegun = ({ exec }: UnitState): boolean => exec.code > exited || (exec.code === exited && exec.status < 200);

const forgetMark = ({ ctl }: SystemdHost, unit: string): Promise<string> =>
  ctl.ask(['clean', '--what=runtime', '--', unit]);

/** Ensures that no process of the run is left, and that systemd has forgotten it. */
async function takeDown(host: SystemdHost, record: JobUnit): Promise<void> {
  const { unit } = await jobRun(host, record);
  if (unit.load !== 'loaded') return;
  const name = jobUnitOf(record.name);
  if (!['inactive', 'failed'].includes(unit.active) || unit.isQueued) {
    await host.ctl.attempt(['kill', '--signal=SIGKILL', '--', name]);
    await host.ctl.attempt(['stop', '--', name]);
  }
  await host.ctl.attempt(['reset-failed', '--', name]);
  if (await isMarked(record.name)) await host.ctl.attempt(['clean', '--what=runtime', '--', name]);
}
