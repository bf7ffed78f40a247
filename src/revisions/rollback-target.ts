import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { Revision } from '../hosts/revision';
import type { PlannedService, Site } from '../model/desired';
import type { RollbackInput } from '../model/requests';
import { isRemoval } from '../model/task';
import { rollbackTarget } from '../plan/plan-rollback';
import { type ConfigBack, configBack } from './config-back';
import { noWayBack, undoneJob } from './job-runs';
import { keptOf } from './kept-service';
import { leftJobs } from './left-jobs';
import { type ChosenRevision, choose, usable } from './rollback-choice';
import { pastOf, type ServicePast, takesPart } from './rollback-past';
import { siteOf } from './site-of';

export type Way = Pick<RollbackInput, 'platform' | 'services' | 'to' | 'from'>;

/** The services of a rollback with what goes back with them. */
export interface Back extends Pick<ConfigBack, 'restores'> {
  services: PlannedService[];
  site: Site;
  warnings: string[];
  /** Sentences on jobs that stay as they are. */
  leftJobs: string[];
}

/**
 * The services of a rollback with their target revisions, by the ledger alone. Without `to` they are the named
 * services, else those of the latest release, each at the revision before. Throws `platform-unknown`, `input-invalid`,
 * and `revision-unknown` if a target is missing, was never recorded, or has lost its configuration.
 */
export async function rollbackOf({ ledger, runtimeOf }: Pick<Deps, 'ledger' | 'runtimeOf'>, way: Way): Promise<Back> {
  const { platform, services: names, to } = way;
  const all = await pastOf(ledger, platform, names);
  const own = all.filter((one) => takesPart(one, 'rollback'));
  const chosen = to === undefined ? before(platform, all, names) : choose(own, { ...way, to });
  for (const one of chosen) {
    refuseOther(one, way.from);
    refuseNoWayBack(one);
    refuseUndone(one);
  }
  const targets = chosen.map(({ target }) => target);
  const config = configBack(names ? await pastOf(ledger, platform) : all, chosen);
  return {
    services: targets.map((one) => keptOf({ runtimeOf }, one)),
    site: siteOf([...targets, ...chosen.map((one) => one.latest)]),
    restores: config.restores,
    leftJobs: leftJobs(all, chosen),
    warnings: [...(to === 0 ? leftRunning(own, chosen) : []), ...config.warnings],
  };
}

/** Another release has come since the rollback was asked for. */
function refuseOther({ service, latest }: ChosenRevision, from: Way['from'] = {}): void {
  const asked = from[service];
  if (asked === undefined || asked === latest.number) return;
  throw new BelayError('fence-stale', `${service}: revision ${latest.number} runs by now, not ${asked}`, {
    hint: 'another release has come: look whether it is well',
  });
}

/** The revision would run on a schema that lacks what its job had added. */
function refuseUndone({ service, target }: ChosenRevision): void {
  const gone = undoneJob(target);
  if (!gone) return;
  throw new BelayError(
    'preflight-failed',
    `${service}: job ${gone} of revision ${target.number} was taken back, and a rollback does not run it again`,
    { hint: `release that version again, which does: belay release --version ${service}=<tag>` },
  );
}

/** A former version would run on what the job has left. */
function refuseNoWayBack({ service, revisions, target }: ChosenRevision): void {
  const passed = noWayBack(revisions, target.number);
  if (!passed) return;
  throw new BelayError(
    'preflight-failed',
    `${service}: revision ${passed.revision} ran job ${passed.job}, which nothing takes back: it cannot go back to revision ${target.number}`,
    { hint: `release a version that fits instead: belay release --version ${service}=<tag>` },
  );
}

/** Services that stay: Compose had not started them, so they have no revision 0. */
function leftRunning(all: ServicePast[], chosen: ServicePast[]): string[] {
  const left = all.filter(
    ({ service, latest }) => !isRemoval(latest) && !chosen.some((one) => one.service === service),
  );
  return left.map(({ service }) => `${service}: stays as it is, because Compose had not started it`);
}

/** Each service at the revision before its head. */
function before(platform: string, all: ServicePast[], names?: string[]) {
  const [newest] = all.map((one) => one.latest).sort(byNewest);
  if (!newest) throw nothingBefore(platform, names ?? []);
  const touched = names ? all : all.filter((one) => one.latest.release === newest.release);
  const own = touched.filter((one) => takesPart(one, 'rollback'));
  if (own.length === 0) throw onlyJobs(platform, touched);
  return own.map((one) => {
    const target = rollbackTarget(one) ?? neverRun(one);
    if (!target) throw nothingBefore(platform, [one.service]);
    return { ...one, target: usable(platform, one.service, target) };
  });
}

const onlyJobs = (platform: string, touched: ServicePast[]): BelayError =>
  new BelayError(
    'revision-unknown',
    `${platform}: the latest release ran ${touched.map(({ service }) => service).join(', ')} alone, and nothing takes that back`,
    { hint: `belay rollback -p ${platform} --list shows the revisions; --service rolls back other services` },
  );

/** Before its first revision, a service that is a job had done nothing, or Compose had run it. */
function neverRun({ latest }: ServicePast): Revision | undefined {
  if (latest.desired.strategy.kind !== 'job' || latest.previous !== undefined) return undefined;
  return { ...latest, number: 0, state: 'recorded', task: { kind: 'remove' } };
}

const byNewest = (a: Revision, b: Revision): number => (a.createdAt < b.createdAt ? 1 : -1);

function nothingBefore(platform: string, services: string[]): BelayError {
  const none = services.length === 1 ? `${services[0]} has no` : 'no service has a';
  return new BelayError('revision-unknown', `${platform}: ${none} earlier revision to go back to`, {
    hint: `belay rollback -p ${platform} --list shows the revisions; --service rolls back other services alone`,
  });
}
