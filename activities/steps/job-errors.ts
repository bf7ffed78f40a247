import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import type { JobRun } from '../../src/hosts/revision';
import type { JobRef, JobStep } from '../../src/model/plan';
import { keptTail, whereLogIs } from './kept-log';
import type { Turn } from './turn';

/** `exit 0 after 3.1 s` */
export const endText = ({ exitCode, begunAt, endedAt }: JobRun): string =>
  `exit ${exitCode ?? 'unknown'} after ${((Date.parse(endedAt!) - Date.parse(begunAt)) / 1000).toFixed(1)} s`;

export async function jobFailed(deps: Deps, { instance, timeout, service }: JobStep, run: JobRun): Promise<BelayError> {
  const how =
    run.stopped === 'timeout'
      ? `did not end within ${timeout / 1000} s, and was stopped (exit ${run.exitCode ?? 'unknown'})`
      : `failed: ${endText(run)}`;
  const tail = await keptTail(deps, instance.name);
  const of = instance.job === service ? '' : ` of ${service}`;
  return new BelayError('job-failed', `job ${instance.job}${of} ${how}${tail}`, {
    hint: `${whereLogIs(instance.name)}${run.stopped ? '; give it more time (timeout), or find what it waits for. What it has asked of a database may go on there (PostgreSQL: pg_stat_activity)' : ''}`,
  });
}

export const vanished = ({ name, job }: JobRef): BelayError =>
  new BelayError(
    'job-failed',
    `${name} was removed before its end was noted: job ${job} may have done its work or not`,
    {
      hint: 'look at what it changes, then retry the step or release again: both run it anew',
    },
  );

export const stillRuns = ({ runtime }: Turn, { instance }: JobStep, other: string): BelayError =>
  new BelayError('job-failed', `job ${instance.job} cannot begin: ${other} of an earlier release still runs`, {
    hint: `wait for it, or end it; see what it does: ${runtime.logCommand(other)}`,
  });
