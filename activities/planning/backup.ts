import { listBackups, type Manifest, rowOf, storeAt } from '../../src/backups';
import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { readFence } from '../../src/hosts/fence';
import { thingText } from '../../src/model/backed-up';
import type { DesiredBackup, FoundBackup } from '../../src/model/desired';
import { engineText } from '../../src/model/engines';
import { parseBackupInput } from '../../src/model/parse-request';
import type { Plan } from '../../src/model/plan';
import type { BackupInput } from '../../src/model/requests';
import { type BackedUp, findBackedUp } from '../../src/observe/backed-up';
import { releasedNow } from '../../src/observe/released-now';
import { nameOf } from '../../src/plan/backups';
import { type BackedUpService, planBackup as planOf } from '../../src/plan/plan-backup';
import { findFolder } from '../../src/project/folders';
import { openProject, type Project } from '../../src/project/project';
import { backedUpNames, desiredBackups } from '../../src/resolve/backups';
import { openSources } from '../../src/resolve/sources';
import { headsOf } from '../../src/revisions/other-services';
import { runtimesIn } from '../../src/revisions/runtimes-in';
import { refuseUnknown } from './asked-names';
import { latestOf } from './backup-choice';
import { fenceOffEnded, refuseOwned } from './fence-off';
import { withHeartbeat } from './heartbeat';

/**
 * Plans a backup of each thing that the spec names. Where one has no container its step fails, and the others are made.
 * Throws `held-by-another` while a release has a service.
 */
export const planBackup =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(() => planCopies(deps, parseBackupInput(given), everything));

/** Plans a verification of the newest backup of each thing. Throws as `planBackup` does. */
export const planRestoreDrill = (deps: Deps, input: BackupInput): Promise<Plan> => planCopies(deps, input, newestOf);

/** What a plan makes of the things that are there. */
interface Chosen {
  backups: FoundBackup[];
  /** The backup to verify, by the name of the thing in steps. */
  chosen?: Record<string, string>;
  warnings: string[];
}

async function planCopies(
  deps: Deps,
  input: BackupInput,
  choose: (there: BackedUp, platform: string) => Promise<Chosen>,
): Promise<Plan> {
  const project = openProject({ ...(await findFolder(deps.specs, input)), files: {} });
  const { platform, services } = project.spec;
  const asked = askedBackups(project, input);
  const names = [...new Set(asked.map(({ service }) => service))].sort();
  const busy = input.dry_run ? await releasedNow(deps, { platform, services: names }) : [];
  if (!input.dry_run) {
    await fenceOffEnded(deps, { platform, services: names });
    for (const service of names) await refuseOwned(deps, { platform, service });
  }
  const there = await findBackedUp(deps, {
    platform,
    backups: asked,
    projectOf: await projectsOf(deps, project, names),
  });
  const { backups, chosen, warnings } = await choose(there, platform);
  const own = await Promise.all(
    names.map(async (service): Promise<BackedUpService> => {
      const key = { platform, service };
      const [{ epoch }, head] = [await readFence({ home: deps.home, ...key }), await deps.ledger.of(key).head()];
      return {
        service,
        runtime: services[service]?.runtime,
        epoch,
        head,
        backups: backups.filter((one) => one.service === service),
      };
    }),
  );
  return planOf({
    platform,
    host: deps.host,
    engine: engineText(await Promise.all(runtimesIn(deps, own).map((one) => one.identity()))),
    services: own,
    chosen,
    takeOver: input.take_over,
    warnings: [...busy, ...warnings],
  });
}

/** Returns the backups of the spec. Throws `input-invalid` where there is none to make. */
function askedBackups(project: Project, input: BackupInput): DesiredBackup[] {
  refuseUnknown({ versions: {}, instances: {}, services: input.services }, project, backedUpNames(project));
  const asked = desiredBackups(project, input.services);
  if (asked.length > 0) return asked;
  const who = input.services?.join(', ') ?? project.spec.platform;
  throw new BelayError('input-invalid', `${who}: belay.yaml names nothing to back up`, {
    hint: 'write it under backup of a service, such as backup: [{ postgres: {} }]; docs/backups.md has the keys',
  });
}

/** Compose's projects by service. Files are read only for a service that was never released. */
async function projectsOf(deps: Deps, project: Project, names: string[]) {
  const heads = await headsOf(deps, project.spec.platform, names);
  const known = new Map(heads.map(({ desired }) => [desired.service, desired.project]));
  const isKnown = names.every((name) => known.has(name));
  const sources = isKnown ? undefined : await openSources(deps, { project });
  return (service: string) => (known.has(service) ? known.get(service) : sources?.projectOf(service));
}

const everything = async ({ found, missing }: BackedUp): Promise<Chosen> => ({
  backups: [...found, ...missing],
  warnings: willFail(missing),
});

const willFail = (missing: DesiredBackup[]): string[] =>
  missing.map((one) => `${thingText(one)} will fail: ${one.service} has no container on this host`);

/** Backups of what a restore replaced are for that restore alone. */
async function newestOf({ found, missing }: BackedUp, platform: string): Promise<Chosen> {
  const all = await Promise.all(
    [...found, ...missing].map(async (one) => ({ one, newest: await newest(one, platform) })),
  );
  const there = all.filter(({ newest }) => newest !== undefined);
  return {
    backups: there.map(({ one }) => one),
    chosen: Object.fromEntries(there.map(({ one, newest }) => [nameOf(one), newest!.id])),
    warnings: [
      ...willFail(missing.filter((one) => there.some((other) => other.one === one))),
      ...all.flatMap(({ one, newest }) => (newest ? [] : [`${thingText(one)} has no backup yet: belay backup`])),
    ],
  };
}

async function newest({ service, what, place }: FoundBackup, platform: string): Promise<Manifest | undefined> {
  const signal = AbortSignal.timeout(60_000);
  const { backups } = await listBackups(storeAt(place), rowOf({ platform, service }, what), signal);
  return latestOf(backups);
}
