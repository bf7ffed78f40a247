import { relative } from 'node:path';
import { composeWarnings } from '../src/compose/carried';
import { mountedFiles } from '../src/compose/mounted-files';
import { resourcesOf } from '../src/compose/networks';
import type { ComposeProject } from '../src/compose/project';
import { asBelayError, BelayError } from '../src/errors';
import type { ServiceLedger } from '../src/hosts/ledger';
import type { Revision } from '../src/hosts/revision';
import { planRelease } from '../src/plan/plan-release';
import { isSamePlace } from '../src/plan/same-place';
import { composeUses } from '../src/spec/compose-uses';
import type { Desired, DesiredService } from '../src/spec/desired';
import { platformsIn } from '../src/spec/environment';
import { parseReleaseInput } from '../src/spec/input';
import type { PinnedImage } from '../src/spec/observed';
import type { Plan } from '../src/spec/plan';
import type { ReleaseInput } from '../src/spec/release-input';
import { didYouMean } from '../src/spec/sentences';
import { sentWarnings, withComposeViews } from './compose-view';
import type { Deps } from './deps';
import { fenceOffEnded, refuseOwned } from './fence-off';
import { reader } from './files';
import { findFolder } from './folders';
import { withFronts } from './fronts';
import { headOf } from './head-of';
import { withHeartbeat } from './heartbeat';
import { imageWithVersion } from './image-version';
import { refuseShared } from './neighbours';
import { observe } from './observe';
import { refuseFormerEnds } from './one-shots';
import { pinImage } from './pin-image';
import { planRestart } from './plan-restart';
import { openProject, type Project } from './project';
import { instancesOf, readProject, resolveService, withRestarts } from './resolve';
import { keepResolved } from './resolved-project';
import { refuseOtherShell } from './shell';
import { surroundings } from './surroundings';
import { refuseOtherFiles } from './witness';

/** Observes the host and makes the plan of a release, dry run or not. */
export const plan =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const input = parseReleaseInput(given);
      if (input.restart) return await planRestart(deps, input);
      const { versions, files, set } = input;
      const changed = Object.keys(set).length > 0 && { set };
      const source = { ...(await findFolder(deps.specs, input)), versions, files, ...changed };
      const project = openProject(source);
      refuseOther(input, project);
      refuseUnknown(input, project);
      await refuseOtherShell(deps, project, input);
      const compose = await readProject(deps, project, { hashes: await needsHashes(deps, project, input) });
      const asked = await desiredServices(deps, { project, compose, input });
      const fronted = await withFronts(deps, { project, compose }, asked);
      const services = project.spec.compose ? await withComposeViews(deps, compose, fronted) : fronted;
      const names = services.map(({ service }) => service);
      const idle = await idleServices(deps, { project, compose, input });
      const removed = [...(input.services ? [] : await removedServices(deps, project)), ...idle];
      if (input.when_running !== 'refuse' && !input.dry_run)
        for (const { service } of [...services, ...removed])
          await refuseOwned(deps, { platform: project.spec.platform, service });
      const { platform, proxies, hosts } = project.spec;
      const desired: Desired = {
        platform,
        proxies,
        ports: hosts.local.ports,
        starts: hosts.local.starts,
        services: [...services, ...removed],
        others: await dependentsOf(deps, project, [...names, ...idle.map(({ service }) => service)]),
        source,
      };
      await refuseOtherFiles(deps, { project, compose }, names);
      await refuseFormerEnds(deps, { platform: project.spec.platform, compose, input }, services);
      await refuseShared(deps, desired, resourcesOf(compose, Object.keys(project.spec.services)));
      const made = await planFor(deps, desired, { takeOver: input.take_over, dryRun: input.dry_run, compose });
      if (!input.dry_run && made.steps.length > 0) await keepResolved(deps, project, compose);
      const uses = Object.entries(composeUses(project.spec)).filter(([name]) => names.includes(name));
      const lost = composeWarnings(compose, Object.fromEntries(uses));
      const said = compose.warnings.map((words) => `${compose.file}: ${words}`);
      const around = await aroundOf(deps, { project, compose, services, made });
      const warnings = [...setWarnings(input), ...said, ...lost, ...sentWarnings(project), ...around, ...made.warnings];
      return { ...made, warnings };
    });

/** The plan of what is desired, by what the host shows once no ended release can change it any more. */
export async function planFor(
  deps: Deps,
  desired: Desired,
  { takeOver, dryRun, compose }: { takeOver: boolean; dryRun: boolean; compose?: ComposeProject },
): Promise<Plan> {
  if (!dryRun)
    await fenceOffEnded(deps, { platform: desired.platform, services: desired.services.map((one) => one.service) });
  const all = [...desired.services, ...(desired.others ?? [])];
  return planRelease({ desired, observed: await observe(deps, { ...desired, services: all, compose }), takeOver });
}

interface Made {
  project: Project;
  compose: ComposeProject;
  services: DesiredService[];
  made: Plan;
}

/** What stands around the services that the plan changes. */
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

interface Asked {
  project: Project;
  compose: ComposeProject;
  input: ReleaseInput;
}

async function desiredServices(deps: Deps, { project, compose, input }: Asked): Promise<DesiredService[]> {
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
      const more = [...(pinned.warning ? [pinned.warning] : []), ...(await uncounted(compose, name))];
      const desired = { ...resolved, warnings: [...more, ...resolved.warnings] };
      return ref === written ? desired : { ...desired, written };
    }),
  );
  return await withRestarts(deps, platform, services);
}

/** Services of the spec that are asked for, and how many instances each is to have. */
function chosenOf({ project, compose, input }: Asked) {
  const chosen = Object.entries(project.spec.services).filter(([name]) => input.services?.includes(name) ?? true);
  return chosen.map(([name, service]) => {
    const instances = input.instances[name];
    return { name, service, instances, count: instancesOf({ name, service, compose, instances }) };
  });
}

/** The image for the platform that the Compose file asks for; what is only here is of one. */
async function ofPlatform({ runtime }: Deps, pinned: PinnedImage, platform?: string): Promise<PinnedImage> {
  if (platform === undefined) return pinned;
  if (!pinned.local || (await runtime.imageId(pinned, platform)) !== undefined) return { ...pinned, platform };
  throw new BelayError('image-unknown', `${pinned.ref} on this host is not of the platform ${platform}`, {
    hint: 'build it for that platform, or take platform out of the Compose file',
  });
}

/** The Compose file scales them to 0: what a release has started of them is taken off, and otherwise nothing is done. */
async function idleServices({ ledger }: Deps, asked: Asked): Promise<DesiredService[]> {
  const { platform } = asked.project.spec;
  const idle = chosenOf(asked).filter(({ count }) => count === 0);
  const latest = await Promise.all(idle.map(({ name }) => lastDesired(ledger.of({ platform, service: name }))));
  const running = latest.filter((one) => one !== undefined && one.instances > 0) as DesiredService[];
  return running.map((one) => ({ ...removedService(one), warnings: [`${scaledToNone}: it is drained and stopped`] }));
}

const scaledToNone = 'the Compose file scales it to 0';

/** What is mounted and may be edited without a plan that sees it. */
async function uncounted(compose: ComposeProject, name: string): Promise<string[]> {
  const files = (await mountedFiles(compose.services[name] ?? {})).filter(({ why }) => why !== undefined);
  if (files.length === 0) return [];
  const list = files.map(({ source, why }) => `${relative(compose.folder, source) || source} (${why})`).join(', ');
  return [`an edit in ${list} is no change for a plan: after one, belay restart --service ${name}`];
}

/** Compose's own hashes stand in labels, by which it knows what was released, and tell what a one-shot has run with. */
async function needsHashes(deps: Deps, { spec, reads }: Project, input: ReleaseInput): Promise<boolean> {
  if (!input.dry_run || !reads.whole) return true;
  if (Object.values(reads.files).some((text) => text?.includes('service_completed_successfully'))) return true;
  return (await headsOf(deps, spec.platform, Object.keys(spec.services))).length > 0;
}

/** Who asked for what could not be had. */
const saidAt =
  (place: string) =>
  (error: unknown): never => {
    const { code, message, hint } = asBelayError(error);
    throw new BelayError(code, `${place}: ${message}`, { hint, cause: error });
  };

/** What was released here, or begun to be, still runs by the ledger, and stands in the spec no more. */
async function removedServices({ ledger }: Deps, { spec }: Project): Promise<DesiredService[]> {
  const names = (await ledger.services(spec.platform)).filter((name) => !spec.services[name]);
  const latest = await Promise.all(
    names.map((service) => lastDesired(ledger.of({ platform: spec.platform, service }))),
  );
  return latest.flatMap((one) => (one && one.instances > 0 ? [removedService(one)] : []));
}

async function lastDesired(ledger: ServiceLedger): Promise<DesiredService | undefined> {
  const head = await ledger.head();
  // Revision 0 is what Compose has started: given back to it, it is nobody's but Compose's.
  if (head) return (await ledger.revision(head))?.desired;
  const begun = (await ledger.revisions()).filter(({ number, state }) => number > 0 && state === 'pending').at(-1);
  // Beside what a first release has left, what Compose has started is nobody's but Compose's.
  return begun && { ...begun.desired, project: undefined };
}

/** What depends on services that are released, and is not released with them: as it runs by the ledger, and only looked at. */
async function dependentsOf(deps: Deps, { spec }: Project, released: string[]): Promise<DesiredService[]> {
  const names = Object.keys(spec.services).filter((name) => !released.includes(name));
  const heads = await headsOf(deps, spec.platform, names);
  return heads
    .map(({ desired }) => desired)
    .filter(({ after }) => after?.some(({ service }) => released.includes(service)));
}

async function headsOf(deps: Deps, platform: string, services: string[]): Promise<Revision[]> {
  const heads = await Promise.all(services.map((service) => headOf(deps, { platform, service })));
  return heads.filter((one) => one !== undefined);
}

const removedService = (desired: DesiredService): DesiredService => ({
  ...desired,
  instances: 0,
  removed: true,
  routes: [],
  strategy: { kind: 'rolling', surge: 0, unavailable: 1 },
  after: undefined,
  requires: undefined,
  needs: undefined,
  validate: [],
  warnings: [`is in the spec no more: it is ${desired.routes.length > 0 ? 'drained and ' : ''}stopped`],
});

/** What the files name is what comes after. */
const setWarnings = ({ set }: ReleaseInput): string[] =>
  Object.entries(set).map(
    ([name, value]) => `${name}=${value} is given for this release only: to keep it write it into .env`,
  );

/** A belay.yaml that was sent may be another platform's. */
function refuseOther({ platform }: ReleaseInput, project: Project): void {
  const names = platformsIn(reader(project)).filter(({ env }) => env === undefined || env === project.env);
  if (names.some((one) => one.platform === platform)) return;
  const sent = project.spec.platform;
  throw new BelayError('input-invalid', `files: the spec that was sent is of platform ${sent}, not ${platform}`, {
    hint: `release ${sent}, or send the files of ${platform}`,
  });
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
