import type { Revision } from '../hosts/revision';
import { artifactRef } from '../model/artifact';
import { leftJobText } from '../model/leaves';
import { standingRuns } from './job-runs';
import type { ChosenRevision } from './rollback-choice';
import type { ServicePast } from './rollback-past';

/**
 * Returns a sentence on each job that ran above the chosen targets and that has no undo. Services that are jobs count
 * with the releases that are taken back. Pure.
 */
export function leftJobs(all: ServicePast[], chosen: ChosenRevision[]): string[] {
  const isAbove = (number: number) => (one: Revision) => one.number > number && one.state !== 'abandoned';
  const releases = chosen.flatMap(({ revisions, target }) => revisions.filter(isAbove(target.number)));
  const goneFrom = ({ service, revisions, latest }: ServicePast): Revision[] => {
    const target = chosen.find((one) => one.service === service)?.target;
    if (target) return revisions.filter(isAbove(target.number));
    const isJob = latest.desired.strategy.kind === 'job';
    return isJob ? revisions.filter(({ release }) => releases.some((one) => one.release === release)) : [];
  };
  return all.flatMap((past) =>
    goneFrom(past).flatMap(({ desired, jobs = [] }) =>
      (desired.jobs ?? [])
        .filter(({ name, undo }) => !undo && standingRuns(jobs).includes(name))
        .map(({ name }) => leftJobText({ service: past.service, job: name, ref: artifactRef(desired.artifact) })),
    ),
  );
}
