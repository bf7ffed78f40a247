import { asBelayError, BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import type { Desired, PlannedService } from '../../src/model/desired';
import type { PinnedImage } from '../../src/model/observed';
import { parseReleaseInput } from '../../src/model/parse-request';
import type { Plan } from '../../src/model/plan';
import type { ReleaseInput } from '../../src/model/requests';
import { surroundings } from '../../src/observe/surroundings';
import { isSamePlace } from '../../src/plan/same-place';
import { sentWarnings, withComposeViews } from '../../src/project/compose-view';
import { findFolder } from '../../src/project/folders';
import { withFronts } from '../../src/project/fronts';
import { imageWithVersion } from '../../src/project/image-version';
import { pinImage, pinningOnce } from '../../src/project/pin-image';
import { openProject, type Project } from '../../src/project/project';
import { instancesOf, readProject, resolveService } from '../../src/project/resolve';
import { keepResolved } from '../../src/project/resolved-project';
import { headOf } from '../../src/revisions/head-of';
import { dependentsOf, headsOf, idleServices, removedServices } from '../../src/revisions/other-services';
import { composeWarnings } from '../../src/runtimes/docker/compose/carried';
import { unseenFiles } from '../../src/runtimes/docker/compose/mounted-files';
import { shown } from '../../src/runtimes/docker/compose/mounted-texts';
import { resourcesOf } from '../../src/runtimes/docker/compose/networks';
import type { ComposeProject } from '../../src/runtimes/docker/compose/project';
import { composeUses } from '../../src/spec/compose-uses';
import { refuseOther, refuseUnknown } from './asked-names';
import { refuseUntilFree } from './fence-off';
import { withHeartbeat } from './heartbeat';
import { refuseShared } from './neighbours';
import { refuseFormerEnds } from './one-shots';
import { refuseOtherEngine } from './other-engine';
import { planFor } from './plan-for';
import { planRestart } from './restart';
import { withRestarts } from './restarts';
import { refuseOtherShell } from './shell';
import { otherProjects, refuseOtherFiles } from './witness';

/** Observes the host and returns the plan of a release, dry run or not. */
export const plan =
  (host: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const deps = pinningOnce(host);
      const input = parseReleaseInput(given);
      if (input.restart) return await planRestart(deps, input);
      const { versions, files, set } = input;
      const changed = Object.keys(set).length > 0 && { set };
      const source = { ...(await findFolder(deps.specs, input)), versions, files, ...changed };
      await refuseOtherEngine(deps, input);
      const project = openProject(source);
      refuseOther(input, project);
      refuseUnknown(input, project);
      await refuseOtherShell(deps, project, input);
      const compose = await readProject(deps, project, { hashes: await needsHashes(deps, project, input) });
      const asked = await desiredServices(deps, { project, compose, input });
      const fronted = await withFronts(deps, { project, compose }, asked);
      const services = project.spec.compose ? await withComposeViews(deps, compose, fronted) : fronted;
      const names = services.map(({ service }) => service);
      const idle = await idleServices(deps, project.spec.platform, scaledToNone({ project, compose, input }));
      const removed = [...(input.services ? [] : await removedServices(deps, project)), ...idle];
      const { platform, proxies, hosts } = project.spec;
      await refuseUntilFree(deps, input, { platform, services: [...names, ...removed.map(({ service }) => service)] });
      const released = [...names, ...idle.map(({ service }) => service)];
      const desired: Desired = {
        platform,
        proxies,
        ports: hosts.local.ports,
        starts: hosts.local.starts,
        services: [...services, ...removed],
        others: await dependentsOf(deps, { platform, services: Object.keys(project.spec.services), released }),
        source,
      };
      await refuseOtherFiles(deps, { project, compose }, names);
      await refuseFormerEnds(deps, { platform: project.spec.platform, compose, input }, services);
      await deps.runtime.assertGiven(resourcesOf(compose, names));
      await refuseShared(deps, desired, resourcesOf(compose, Object.keys(project.spec.services)));
      const made = await planFor(deps, desired, { takeOver: input.take_over, dryRun: input.dry_run, compose });
      if (!input.dry_run && made.steps.length > 0) await keepResolved(deps, project, compose);
      const uses = Object.entries(composeUses(project.spec)).filter(([name]) => names.includes(name));
      const lost = composeWarnings(compose, Object.fromEntries(uses));
      const said = compose.warnings.map((words) => `${compose.file}: ${words}`);
      const beside = await otherProjects(deps, { project, compose }, names);
      const around = await aroundOf(deps, { project, compose, services, made });
      const warnings = [
        ...beside,
        ...setWarnings(input),
        ...said,
        ...lost,
        ...sentWarnings(project),
        ...around,
        ...made.warnings,
      ];
      return { ...made, warnings };
    });

interface Made {
  project: Project;
  compose: ComposeProject;
  services: PlannedService[];
  made: Plan;
}

/** Returns warnings about the surroundings of the services to change. */
async function aroundOf(deps: Deps, { project: { spec }, compose, services, made }: Made): Promise<string[]> {
  const changed = services.filter((one) => made.services.some((to) => to.service === one.service && !to.unchanged));
  const names = changed.map(({ service }) => service);
  const heads = await headsOf(deps, spec.platform, names);
  const frontsOf = (name: string) => heads.find(({ desired }) => desired.service === name)?.desired.fronts;
  const stay = changed.filter(({ service, fronts }) => isSamePlace(frontsOf(service), fronts));
  const found = await surroundings(deps, {
    spec,
    compose,
    services: names,
    stay: stay.map(({ service }) => service),
  });
  return found.map(({ service, text, todo }) => `${service}: ${text}; ${todo}`);
}

interface PlanRequest {
  project: Project;
  compose: ComposeProject;
  input: ReleaseInput;
}

async function desiredServices(deps: Deps, { project, compose, input }: PlanRequest): Promise<PlannedService[]> {
  const chosen = chosenOf({ project, compose, input }).filter(({ count }) => count > 0);
  const { platform } = project.spec;
  const services = await Promise.all(
    chosen.map(async ({ name, service, instances }) => {
      const written = (service.image ?? compose.services[name]?.image)!;
      const ref = imageWithVersion(written, input.versions[name]);
      const given = input.versions[name] === undefined ? 'services' : 'versions';
      const former = (await headOf(deps, { platform, service: name }))?.desired;
      const pinned = await pinImage(deps, { ref, former: former?.image }).catch(saidAt(`${given}.${name}`));
      const image = await ofPlatform(deps, pinned.image, compose.services[name]?.platform);
      const resolved = await resolveService(deps, { name, service, project, compose, image, instances, former });
      const more = [...(pinned.warning ? [pinned.warning] : []), ...(await unseenEdits(compose, name))];
      const desired = { ...resolved, warnings: [...more, ...resolved.warnings] };
      return { ...desired, ...(ref !== written && { written }), task: { kind: 'run' as const } };
    }),
  );
  return await withRestarts(deps, platform, services);
}

/** Returns the requested services of the spec, with the number of instances for each. */
function chosenOf({ project, compose, input }: PlanRequest) {
  const chosen = Object.entries(project.spec.services).filter(([name]) => input.services?.includes(name) ?? true);
  return chosen.map(([name, service]) => {
    const instances = input.instances[name];
    return { name, service, instances, count: instancesOf({ name, service, compose, instances }) };
  });
}

const scaledToNone = (asked: PlanRequest): string[] =>
  chosenOf(asked).flatMap(({ name, count }) => (count === 0 ? [name] : []));

/** Returns the image for the Compose file's platform; a local image has only one. */
async function ofPlatform({ runtime }: Deps, pinned: PinnedImage, platform?: string): Promise<PinnedImage> {
  if (platform === undefined) return pinned;
  if (!pinned.local || (await runtime.imageId(pinned, platform)) !== undefined) return { ...pinned, platform };
  throw new BelayError('image-unknown', `${pinned.ref} on this host is not built for platform ${platform}`, {
    hint: 'build it for that platform, or take platform out of the Compose file',
  });
}

/** Returns mounted files whose edits no plan sees. */
async function unseenEdits(compose: ComposeProject, name: string): Promise<string[]> {
  const files = await unseenFiles(compose, name);
  if (files.length === 0) return [];
  const all = files.map(({ source, why }) => `${shown(compose, source)} (${why})`);
  const list = [...new Set(all)].join(', ');
  return [`a plan does not see edits of ${list}: after one, run belay restart --service ${name}`];
}

/** Compose's own hashes in labels show Compose what was released, and show what a one-shot has run with. */
async function needsHashes(deps: Deps, { spec, reads }: Project, input: ReleaseInput): Promise<boolean> {
  if (!input.dry_run || !reads.whole) return true;
  if (Object.values(reads.files).some((text) => text?.includes('service_completed_successfully'))) return true;
  return (await headsOf(deps, spec.platform, Object.keys(spec.services))).length > 0;
}

/** Puts the place of the version in front of the error. */
const saidAt =
  (place: string) =>
  (error: unknown): never => {
    const { code, message, hint } = asBelayError(error);
    throw new BelayError(code, `${place}: ${message}`, { hint, cause: error });
  };

/** The next release takes its values from the files again. */
const setWarnings = ({ set }: ReleaseInput): string[] =>
  Object.entries(set).map(
    ([name, value]) => `${name}=${value} applies to this release only: to keep it, write it into .env`,
  );
