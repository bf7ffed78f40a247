import type { Revision } from '../hosts/revision';
import type { DesiredConfig } from '../model/desired';
import { isRemoval, takenAgain } from '../model/task';
import type { ChosenRevision } from './rollback-choice';
import type { ServicePast } from './rollback-past';

export interface ConfigBack {
  /** Configuration files that the rollback puts back, the latest release first. */
  restores: DesiredConfig[];
  /** Those that it leaves, and why. */
  warnings: string[];
}

/**
 * The configuration files that releases wrote and the rollback leaves behind. A file belongs to all services: it stays
 * while one of them runs with it. Pure.
 * @param all every service of the platform.
 */
export function configBack(all: ServicePast[], chosen: ChosenRevision[]): ConfigBack {
  const back = chosen.map((one) => ({
    service: one.service,
    before: withBegun(one),
    after: upTo(one, one.target.number),
    begun: begunAt(one, one.target),
  }));
  const staying = all.filter((one) => runsOn(one) && !back.some(({ service }) => service === one.service));
  const ended = chosen.filter(isJob).map(({ service }) => service);
  const end = [
    ...back.filter(({ service }) => !ended.includes(service)),
    ...staying.map((one) => ({ service: one.service, after: withBegun(one), begun: begunAt(one, one.latest) })),
  ];
  // A release that found the file written has no record of it.
  const holders = ({ at }: DesiredConfig) =>
    end.filter(({ after, begun }) => has(after, at) || begun > at).map(({ service }) => service);
  const left = unique(back.flatMap(({ before, after }) => before.filter(({ at }) => !has(after, at))));
  const gained = unique(back.flatMap(({ before, after }) => after.filter(({ at }) => !has(before, at))));
  return {
    restores: left.filter((one) => holders(one).length === 0).toSorted(byNewest),
    warnings: [
      ...left
        .filter((one) => holders(one).length > 0)
        .map(
          (one) => `${named(one)} stays as it is: ${holders(one).join(', ')} runs on with what a release wrote there`,
        ),
      ...gained.map((one) => `${named(one)} stays as it is, and was another file then: look at belay migrate`),
    ],
  };
}

/** A job has ended, and a service that was removed runs no more. */
const runsOn = (one: ServicePast): boolean => !isJob(one) && !isRemoval(one.latest);
const isJob = ({ latest }: ServicePast): boolean => latest.desired.strategy.kind === 'job';

/** What the present revision was written with, and what releases that never ended have written since. */
function withBegun(past: ServicePast): DesiredConfig[] {
  const { head = -1, revisions, latest } = past;
  const begun = revisions.filter(({ number, state }) => state === 'pending' && number > head);
  return [...begun.flatMap(({ config }) => config ?? []), ...upTo(past, latest.number)];
}

/** When the files were read that the revision runs with. */
function begunAt({ revisions }: ServicePast, one: Revision): string {
  const again = takenAgain(one);
  return (again && revisions.find(({ number }) => number === again.revision)?.createdAt) ?? one.createdAt;
}

/** What releases have written on the way to a revision, the latest first. */
function upTo({ revisions }: ServicePast, number: number | undefined): DesiredConfig[] {
  const at = (wanted: number | undefined) => revisions.find((one) => one.number === wanted);
  const way: Revision[] = [];
  for (let one = at(number); one && !way.includes(one); one = at(one.previous)) way.push(one);
  return way.flatMap((one) => {
    const again = takenAgain(one);
    return (again ? at(again.revision) : one)?.config ?? [];
  });
}

const has = (all: DesiredConfig[], at: string): boolean => all.some((one) => one.at === at);
const unique = (all: DesiredConfig[]): DesiredConfig[] => [...new Map(all.map((one) => [one.at, one])).values()];
const byNewest = (a: DesiredConfig, b: DesiredConfig): number => (a.at < b.at ? 1 : -1);
const named = ({ files }: DesiredConfig): string =>
  files.map(({ file, keys }) => `${file} (${keys.join(', ')})`).join(', ');
