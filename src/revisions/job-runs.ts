import type { JobRun, Revision } from '../hosts/revision';

/** Names of the jobs that have begun, and that no undo has taken back since. Pure. */
export function standingRuns(jobs: JobRun[]): string[] {
  const undone = (run: JobRun) =>
    jobs.some((one) => one.undo && one.job === run.job && one.exitCode === 0 && one.begunAt >= run.begunAt);
  return jobs.filter((one) => !one.undo && !undone(one)).map(({ job }) => job);
}

/** The revision above the target that ran a job which nothing takes back, with the job's name. Pure. */
export function noWayBack(revisions: Revision[], target: number): { revision: number; job: string } | undefined {
  // A release that ran one never turned back.
  const later = revisions.filter(({ number }) => number > target);
  return later
    .flatMap(({ number, desired, jobs = [] }) =>
      (desired.jobs ?? [])
        .filter(({ name, point_of_no_return: isFinal }) => isFinal && standingRuns(jobs).includes(name))
        .map(({ name }) => ({ revision: number, job: name })),
    )
    .at(-1);
}

/** The job of a revision that has run and was taken back since. Pure. */
export function undoneJob({ desired, jobs = [] }: Revision): string | undefined {
  const standing = standingRuns(jobs);
  const ran = new Set(jobs.flatMap(({ job, undo }) => (undo ? [] : [job])));
  return (desired.jobs ?? []).find(({ name }) => ran.has(name) && !standing.includes(name))?.name;
}
