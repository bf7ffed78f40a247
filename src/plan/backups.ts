import type { FoundBackup } from '../model/desired';
import type { BackupStep, Step, StepOf, VerifyStep } from '../model/plan';
import { phaseOf } from '../model/steps';
import { partOf, wordOf } from '../spec/backups/part';
import { stepMaker } from './graph';

/** Steps of one service on its host, by its claim. */
type Place = Pick<StepOf<'claim'>, 'service' | 'host' | 'runtime' | 'epoch'>;

/** Returns the steps for one backup under the fence of a service: the backup, and its verification where it has one. */
export function backupSteps(backup: FoundBackup, place: Place, needs: string[]): Array<BackupStep | VerifyStep> {
  const make = stepMaker({ ...place, desired: place }, 'forward');
  const name = nameOf(backup);
  const made = make('backup', { name, backup, needs });
  return backup.verify ? [made, make('verify', { name, backup, needs: [made.id] })] : [made];
}

/** A word for the thing in a step's id: `db/postgres/shop`. */
export function nameOf({ service, what }: Pick<FoundBackup, 'service' | 'what'>): string {
  const { kind, part } = partOf(what);
  return [service, kind, ...(part === undefined ? [] : [wordOf(part)])].join('/');
}

/**
 * Returns the steps of a release with its backups: `before: [job]` directly before the first job, `before: [configure]`
 * before every configuration; each after all preflights and pulls. A first job that comes after changes of other
 * services has its backup before these.
 */
export function withBackups(steps: Step[], backups: FoundBackup[] = []): Step[] {
  const claims = steps.filter((step) => step.kind === 'claim');
  const first = firstJobs(steps);
  const configures = steps.filter(({ kind }) => kind === 'configure' || kind === 'config');
  const late = first.length > 0 && first.every((job) => !isAfterChanges(job, steps)) ? first : [];
  const placed = backups.flatMap((backup) => {
    const { before } = backup;
    if (before.includes('configure') && configures.length > 0) return [{ backup, ahead: configures }];
    if (!before.includes('job') || first.length === 0) return [];
    return [{ backup, ahead: late.length > 0 ? late : configures }];
  });
  return placed.reduce<Step[]>((all, one) => inserted(all, { ...one, claims }), steps);
}

interface Placed {
  backup: FoundBackup;
  /** The steps that it comes before. */
  ahead: Step[];
  claims: Array<StepOf<'claim'>>;
}

/** Returns the steps with one backup: after what its followers need, and after earlier backups of its service. */
function inserted(steps: Step[], { backup, ahead, claims }: Placed): Step[] {
  const place = claims.find(({ service }) => service === backup.service) ?? claims[0]!;
  const followers = new Set(ahead.map(({ id }) => id));
  const prepared = steps.filter(({ kind }) => kind === 'preflight' || kind === 'pull');
  const earlier = steps.filter((step) => isCopy(step) && step.backup.service === backup.service);
  const copies = new Set(steps.filter(isCopy).map(({ id }) => id));
  const needs = [
    ...steps
      .filter(({ id }) => followers.has(id))
      .flatMap((step) => step.needs.filter((id) => !copies.has(id) && !followers.has(id))),
    ...[...prepared, ...earlier].map(({ id }) => id),
  ];
  const own = backupSteps(backup, place, [...new Set(needs)]);
  const at = steps.findIndex(({ id }) => followers.has(id));
  const changed = steps.map((step) => {
    if (followers.has(step.id)) return { ...step, needs: [...step.needs, own.at(-1)!.id] };
    if (step.kind !== 'preflight' || step.service !== place.service) return step;
    return { ...step, backups: [...(step.backups ?? []), backup] };
  });
  return [...changed.slice(0, at), ...own, ...changed.slice(at)];
}

const isCopy = (step: Step): step is BackupStep | VerifyStep => step.kind === 'backup' || step.kind === 'verify';

/** Jobs that change something, and that no other such job comes before. */
function firstJobs(steps: Step[]): Step[] {
  const jobs = steps.filter((step) => step.kind === 'job' && !step.asks);
  const ids = new Set(jobs.map(({ id }) => id));
  return jobs.filter((job) => !stepsBefore(job, steps).some(({ id }) => ids.has(id)));
}

/** True if a step before it changes what serves; a gate, a test and a run that only asks change nothing. */
const isAfterChanges = (job: Step, steps: Step[]): boolean =>
  stepsBefore(job, steps).some(
    (step) => phaseOf(step) === 'moving' && !['approve', 'job', 'validate'].includes(step.kind),
  );

/** All steps that come before it, by their needs. */
function stepsBefore(step: Step, steps: Step[]): Step[] {
  const byId = new Map(steps.map((one) => [one.id, one]));
  const found = new Set(step.needs);
  // The loop also visits needs that it adds meanwhile.
  for (const id of found) for (const need of byId.get(id)?.needs ?? []) found.add(need);
  return steps.filter(({ id }) => found.has(id));
}
