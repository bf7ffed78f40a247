import { BelayError } from '../src/errors';
import { planRelease } from '../src/plan/plan-release';
import { keptService, rollbackTarget } from '../src/plan/plan-rollback';
import type { DesiredService } from '../src/spec/desired';
import { parseReleaseInput, parseRollbackInput } from '../src/spec/input';
import type { Plan, Source } from '../src/spec/plan';
import type { ReleaseInput } from '../src/spec/release-input';
import { didYouMean } from '../src/spec/sentences';
import { imageWithVersion } from './image-version';
import type { Deps } from './deps';
import { fenceOffEnded } from './fence-off';
import { withHeartbeat } from './heartbeat';
import { observe } from './observe';
import { findFolder, openProject, type Project } from './project';
import { readProject, resolveService } from './resolve';

/** Observes the host and makes the plan; the one place where a plan is made, for the dry run and for the release. */
export const plan = (deps: Deps) => (given: unknown): Promise<Plan> =>
  withHeartbeat(async () => {
    const input = parseReleaseInput(given);
    const source = { folder: await findFolder(deps.specs, input.platform), versions: input.versions, files: input.files };
    const project = await openProject(source);
    refuseUnknown(input, project);
    const services = await desiredServices(deps, project, input);
    return await planFor(deps, { project, source, services, takeOver: input.take_over, dryRun: input.dry_run });
  });

/** The plan that takes services back to the revision before, from what the host has kept. */
export const planRollback = (deps: Deps) => (given: unknown): Promise<Plan> =>
  withHeartbeat(async () => {
    const input = parseRollbackInput(given);
    const source = { folder: await findFolder(deps.specs, input.platform), versions: {}, files: {} };
    const project = await openProject(source);
    refuseUnknown({ ...input, versions: {}, instances: {} }, project);
    const names = Object.keys(project.spec.services).filter((name) => input.services?.includes(name) ?? true);
    const found = await Promise.all(names.map((name) => keptRevision(deps, input.platform, name)));
    const services = found.filter((one) => one !== undefined);
    if (services.length === 0) throw nothingBefore(input.platform);
    return await planFor(deps, { project, source, services, takeOver: input.take_over, dryRun: input.dry_run });
  });

interface Ready {
  project: Project;
  source: Source;
  services: DesiredService[];
  takeOver: boolean;
  dryRun: boolean;
}

async function planFor(deps: Deps, { project: { spec }, source, services, takeOver, dryRun }: Ready): Promise<Plan> {
  const { platform, proxies } = spec;
  if (!dryRun) await fenceOffEnded(deps, { platform, services: services.map((one) => one.service) });
  const observed = await observe(deps, { platform, services, proxies, ports: spec.hosts.local.ports });
  return planRelease({ desired: { platform, services, proxies, source }, observed, takeOver });
}

async function desiredServices(deps: Deps, project: Project, input: ReleaseInput): Promise<DesiredService[]> {
  const compose = await readProject(deps, project);
  const chosen = Object.entries(project.spec.services).filter(([name]) => input.services?.includes(name) ?? true);
  return await Promise.all(
    chosen.map(async ([name, service]) => {
      const ref = imageWithVersion((service.image ?? compose.services[name]?.image)!, input.versions[name]);
      const image = await deps.runtime.pin(ref);
      return await resolveService(deps, { name, service, project, compose, image, instances: input.instances[name] });
    }),
  );
}

function refuseUnknown(input: Pick<ReleaseInput, 'versions' | 'instances' | 'services'>, { spec }: Project): void {
  const known = Object.keys(spec.services);
  const named = { versions: Object.keys(input.versions), instances: Object.keys(input.instances), services: input.services ?? [] };
  const problems = Object.entries(named).flatMap(([key, names]) =>
    names
      .filter((name) => !known.includes(name))
      .map((name) => `${key}: there is no service ${name}${didYouMean(name, known) ? `, did you mean ${didYouMean(name, known)}?` : ''}`),
  );
  if (problems.length === 0) return;
  throw new BelayError('input-invalid', problems.join('; '), { hint: `the services of ${spec.platform} are ${known.join(', ')}` });
}

async function keptRevision({ ledger }: Deps, platform: string, service: string): Promise<DesiredService | undefined> {
  const own = ledger.of({ platform, service });
  const revisions = await own.revisions();
  const target = rollbackTarget({ head: await own.head(), revisions });
  return target && keptService(target);
}

function nothingBefore(platform: string): BelayError {
  return new BelayError('revision-unknown', `${platform}: no service has a revision before the present one to go back to`, {
    hint: `belay history ${platform} lists what there was`,
  });
}
