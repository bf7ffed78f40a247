import { composeWarnings } from '../src/compose/carried';
import type { ComposeProject } from '../src/compose/project';
import { BelayError } from '../src/errors';
import { planRelease } from '../src/plan/plan-release';
import type { Desired, DesiredService } from '../src/spec/desired';
import { parseReleaseInput, parseRollbackInput } from '../src/spec/input';
import type { Plan } from '../src/spec/plan';
import type { ReleaseInput } from '../src/spec/release-input';
import { didYouMean } from '../src/spec/sentences';
import type { Deps } from './deps';
import { fenceOffEnded } from './fence-off';
import { withHeartbeat } from './heartbeat';
import { imageWithVersion } from './image-version';
import { observe } from './observe';
import { findFolder, openProject, type Project } from './project';
import { readProject, resolveService } from './resolve';
import { rollbackOf } from './rollback-target';

/** Observes the host and makes the plan; the one place where a plan is made, for the dry run and for the release. */
export const plan =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const input = parseReleaseInput(given);
      const source = {
        folder: await findFolder(deps.specs, input.platform),
        versions: input.versions,
        files: input.files,
      };
      const project = await openProject(source);
      refuseUnknown(input, project);
      const compose = await readProject(deps, project);
      const services = await desiredServices(deps, { project, compose, input });
      const { platform, proxies, hosts } = project.spec;
      const desired: Desired = { platform, proxies, ports: hosts.local.ports, services, source };
      const made = await planFor(deps, desired, { takeOver: input.take_over, dryRun: input.dry_run });
      const lost = composeWarnings(
        compose,
        services.map((one) => one.service),
      );
      const said = compose.warnings.map((words) => `${compose.file}: ${words}`);
      return { ...made, warnings: [...said, ...lost, ...made.warnings] };
    });

/**
 * The plan that takes services back to the revision before, from what the host has kept: image, configuration, proxies. The
 * spec as it is now is not asked, for it may be what went wrong.
 */
export const planRollback =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const { platform, services: names, take_over, dry_run } = parseRollbackInput(given);
      const { services, site } = await rollbackOf(deps.ledger, platform, names);
      const desired: Desired = { platform, ...site, services, source: { folder: '', versions: {}, files: {} } };
      return await planFor(deps, desired, { takeOver: take_over, dryRun: dry_run });
    });

async function planFor(
  deps: Deps,
  desired: Desired,
  { takeOver, dryRun }: { takeOver: boolean; dryRun: boolean },
): Promise<Plan> {
  if (!dryRun)
    await fenceOffEnded(deps, { platform: desired.platform, services: desired.services.map((one) => one.service) });
  return planRelease({ desired, observed: await observe(deps, desired), takeOver });
}

interface Asked {
  project: Project;
  compose: ComposeProject;
  input: ReleaseInput;
}

async function desiredServices(deps: Deps, { project, compose, input }: Asked): Promise<DesiredService[]> {
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
  const named = {
    versions: Object.keys(input.versions),
    instances: Object.keys(input.instances),
    services: input.services ?? [],
  };
  const problems = Object.entries(named).flatMap(([key, names]) =>
    names
      .filter((name) => !known.includes(name))
      .map(
        (name) =>
          `${key}: there is no service ${name}${didYouMean(name, known) ? `, did you mean ${didYouMean(name, known)}?` : ''}`,
      ),
  );
  if (problems.length === 0) return;
  throw new BelayError('input-invalid', problems.join('; '), {
    hint: `the services of ${spec.platform} are ${known.join(', ')}`,
  });
}
