import { asBelayError, BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { hmacKey } from '../../src/hosts/machine';
import { leftWarning, type PendingConfig } from '../../src/migration/pending';
import { openReleased } from '../../src/migration/released';
import type { Desired, PlannedService } from '../../src/model/desired';
import { parseReleaseInput } from '../../src/model/parse-request';
import type { Plan } from '../../src/model/plan';
import type { ReleaseInput } from '../../src/model/requests';
import { findBackedUp, notYet } from '../../src/observe/backed-up';
import { withNeededServices } from '../../src/observe/needed-services';
import { settled, told, unmet } from '../../src/observe/required';
import { refuseStrangers } from '../../src/observe/strangers';
import { requiredBy } from '../../src/plan/needs';
import { isSamePlace } from '../../src/plan/same-place';
import { findFolder } from '../../src/project/folders';
import type { Project } from '../../src/project/project';
import { desiredBackups } from '../../src/resolve/backups';
import { examplesOf } from '../../src/resolve/example';
import { asExpected } from '../../src/resolve/expected';
import { withFronts } from '../../src/resolve/fronts';
import { platformTests } from '../../src/resolve/platform-tests';
import { instancesOf, isJob, resolveService } from '../../src/resolve/resolve';
import { type OpenedSources, openSources } from '../../src/resolve/sources';
import { headOf } from '../../src/revisions/head-of';
import { dependentsOf, headsOf, idleServices, removedServices } from '../../src/revisions/other-services';
import { markOf } from '../../src/runtimes/fingerprint';
import type { SourceFacts } from '../../src/runtimes/runtime';
import { lenientTests } from '../../src/spec/lenient';
import { listed } from '../../src/spec/sentences';
import { refuseOther, refuseUnknown } from './asked-names';
import { refuseUntilFree } from './fence-off';
import { withHeartbeat } from './heartbeat';
import { refuseShared } from './neighbours';
import { refuseOtherEngine } from './other-engine';
import { planFor } from './plan-for';
import { planRestart } from './restart';
import { withRestarts } from './restarts';
import { refuseOtherShell } from './shell';
import { unfitness } from './unfitness';
import { refuseUnset } from './unset';
import { refuseUnstartable } from './unstartable';

/** Observes the host and returns the plan of a release, dry run or not. */
export const plan =
  (host: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const deps = { ...host, ...host.forOnePlan() };
      const input = parseReleaseInput(given);
      if (input.restart || Object.keys(input.overrides).length > 0) return await planRestart(deps, input);
      const { versions, files, set } = input;
      const changed = Object.keys(set).length > 0 && { set };
      const source = { ...(await findFolder(deps.specs, input)), versions, files, ...changed };
      const { project: written, pending } = await openReleased(source, examplesOf(deps, source));
      await refuseOtherEngine(deps, input, written.spec);
      refuseOther(input, written);
      const unset = refuseUnset(written, input.services);
      const unstartable = await refuseUnstartable(written, input.services);
      await refuseOtherShell(deps, written, input);
      const sources = await openSources(deps, { project: written, marks: await needsMarks(deps, written, input) });
      const { project } = sources;
      refuseUnknown(input, project);
      const asked = await desiredServices(deps, { project, sources, input });
      const fronted = await withFronts(deps, { project, sources }, await withNeededServices(deps, sources, asked));
      const names = fronted.map(({ service }) => service);
      const own = sources.each(names);
      const watched = own.find((one) => one.sources.expectations);
      const expectations = watched?.sources.expectations;
      const services = expectations ? await asExpected(watched.runtime, expectations, fronted) : fronted;
      const idle = await idleServices(deps, project.spec.platform, scaledToNone({ project, sources, input }));
      const removed = [...(input.services ? [] : await removedServices(deps, project)), ...idle];
      const { platform, proxies, hosts } = project.spec;
      if (!input.take_over) await refuseStrangers(deps, { platform, services: fronted });
      await refuseUntilFree(deps, input, { platform, services: [...names, ...removed.map(({ service }) => service)] });
      const { found: backups, missing } = await findBackedUp(deps, {
        platform,
        backups: desiredBackups(project).filter(({ before }) => before.length > 0),
        projectOf: sources.projectOf,
      });
      const released = [...names, ...idle.map(({ service }) => service)];
      const desired: Desired = {
        platform,
        proxies,
        ports: hosts.local.ports,
        starts: hosts.local.starts,
        services: [...services, ...removed],
        others: await dependentsOf(deps, { platform, services: Object.keys(project.spec.services), released }),
        source,
        ...(await configOf(deps, project, pending)),
        backups,
        tests: platformTests(project),
      };
      for (const one of own) await one.sources.refuse?.({ services: namedIn(services, one.services) });
      const all = sources.each(Object.keys(project.spec.services));
      const shared = all.map((one) => ({ runtime: one.runtime, shared: one.sources.shared(one.services) }));
      await refuseShared(deps, desired, shared);
      const made = await planFor(deps, desired, { takeOver: input.take_over, dryRun: input.dry_run, expectations });
      if (!input.dry_run && made.steps.length > 0) for (const one of all) await one.sources.keep?.();
      const isAsked = (name: string) => names.includes(name);
      const said = await Promise.all(all.map((one) => one.sources.warnings?.(one.services.filter(isAsked))));
      const around = await aroundOf(deps, { project, sources, services, made });
      const unfit = input.dry_run ? await unfitness(deps, made) : [];
      const required = input.dry_run ? await requiredNotices(deps, platform, services) : [];
      const warnings = [
        ...said.flatMap((one) => one?.beside ?? []),
        ...setWarnings(input),
        ...pending.warnings,
        ...(made.steps.some(({ kind }) => kind === 'config') ? [] : pending.files.map(leftWarning)),
        ...said.flatMap((one) => one?.said ?? []),
        ...around,
        ...unfit,
        ...unset,
        ...unstartable,
        ...(made.steps.length > 0 ? [...lenientTests(project.spec.validate), ...missing.map(notYet)] : []),
        ...made.warnings,
      ];
      return { ...made, ...(required.length > 0 && { notices: [...required, ...(made.notices ?? [])] }), warnings };
    });

/** Returns notices of what the services depend on and Compose keeps, if that does not run. */
async function requiredNotices(deps: Deps, platform: string, services: PlannedService[]): Promise<string[]> {
  const found = services.map((one) => unmet(deps, { ...one, platform, requires: requiredBy(one) }));
  return told(settled((await Promise.all(found)).flat())).map(({ text, repair }) => `${text}: ${repair}`);
}

/** What the release writes of configuration files; texts stay on the host. */
async function configOf(
  { home }: Deps,
  { folder }: Project,
  { files }: PendingConfig,
): Promise<Pick<Desired, 'config'>> {
  if (files.length === 0) return {};
  const key = await hmacKey(home);
  const all = files.map(({ name, text, keys }) => ({ file: name, mark: markOf(text, key), keys }));
  return { config: { folder, at: new Date().toISOString(), files: all } };
}

const namedIn = (services: PlannedService[], names: string[]): PlannedService[] =>
  services.filter(({ service }) => names.includes(service));

interface Made {
  project: Project;
  sources: OpenedSources;
  services: PlannedService[];
  made: Plan;
}

/** Returns warnings about the surroundings of the services to change. */
async function aroundOf(deps: Deps, { project: { spec }, sources, services, made }: Made): Promise<string[]> {
  const changed = services.filter((one) => made.services.some((to) => to.service === one.service && !to.unchanged));
  const names = changed.map(({ service }) => service);
  const heads = await headsOf(deps, spec.platform, names);
  const frontsOf = (name: string) => heads.find(({ desired }) => desired.service === name)?.desired.fronts;
  const stay = changed.filter(({ service, fronts }) => isSamePlace(frontsOf(service), fronts));
  const found = sources
    .each(names)
    .map((one) => one.sources.around?.({ services: one.services, stay: stay.map(({ service }) => service) }));
  return (await Promise.all(found)).flatMap((one) => one ?? []);
}

export interface PlanRequest {
  project: Project;
  sources: OpenedSources;
  input: ReleaseInput;
}

/** Returns the requested services, with every open choice decided. */
export async function desiredServices(deps: Deps, { project, sources, input }: PlanRequest): Promise<PlannedService[]> {
  const chosen = chosenOf({ project, sources, input }).filter(({ service, count }) => count > 0 || isJob(service));
  const { platform } = project.spec;
  const versionedBy = (name: string) => versionGiver({ project, sources, input }, name);
  const services = await Promise.all(
    chosen.map(async ({ name, service, instances }) => {
      const [own, runtime] = [sources.of(name), sources.runtimeOf(name)];
      const facts = own.facts(name);
      const written = facts.artifact!;
      const giver = versionedBy(name);
      const ref = runtime.artifacts.withVersion(written, giver && input.versions[giver]);
      const sharing = chosen.flatMap((one) => (one.name !== giver && versionedBy(one.name) === giver ? one.name : []));
      const place = giver === undefined ? `services.${name}` : versionPlace(input, giver, sharing);
      const former = (await headOf(deps, { platform, service: name }))?.desired;
      const asked = { ref, former: former?.artifact, platform: facts.platform };
      const { artifact, warning } = await runtime.artifacts.pin(asked).catch(saidAt(place));
      const resolved = await resolveService(deps, {
        name,
        service,
        project,
        capabilities: runtime.capabilities,
        sources: own,
        artifact,
        instances,
        former,
      });
      const more = [...(warning ? [warning] : []), ...(await unseenEdits(facts, name))];
      const desired = { ...resolved, warnings: [...more, ...resolved.warnings] };
      const ran = isJob(service) && (await own.ranAlready?.(name, artifact)) && { ran: true as const };
      return { ...desired, ...(ref !== written && { written }), ...ran, task: { kind: 'run' as const } };
    }),
  );
  return await withRestarts(deps, platform, services);
}

/** Returns the service whose requested version counts: a job of the very image of a service runs in that one's. */
function versionGiver({ project: { spec }, sources, input }: PlanRequest, name: string): string | undefined {
  if (input.versions[name] !== undefined) return name;
  if (!isJob(spec.services[name]!)) return undefined;
  const artifactOf = (service: string) => sources.of(service).facts(service).artifact;
  return Object.keys(input.versions).find((other) => spec.services[other] && artifactOf(other) === artifactOf(name));
}

/** Returns a requested version as the user gave it, with other services that it counts for. */
const versionPlace = ({ versions }: ReleaseInput, giver: string, sharing: string[]): string =>
  `versions.${giver} (--version ${giver}=${versions[giver]}${sharing.length > 0 ? `, also of ${listed(sharing)}` : ''})`;

/** The named services, and the jobs that they wait for. */
function namedServices({ project: { spec }, sources, input }: PlanRequest): string[] | undefined {
  if (!input.services) return undefined;
  const names = new Set(input.services);
  // The loop also visits names that it adds meanwhile.
  for (const name of names) {
    const awaited = sources
      .of(name)
      .facts(name)
      .dependencies.map(({ service }) => service);
    const needed = spec.services[name]!.needs.flatMap(({ service }) => service ?? []);
    for (const one of [...awaited, ...needed]) if (spec.services[one] && isJob(spec.services[one])) names.add(one);
  }
  return [...names];
}

/** Returns the requested services of the spec, with the number of instances for each. */
function chosenOf({ project, sources, input }: PlanRequest) {
  const names = namedServices({ project, sources, input });
  const chosen = Object.entries(project.spec.services).filter(([name]) => names?.includes(name) ?? true);
  return chosen.map(([name, service]) => {
    const instances = input.instances[name];
    return { name, service, instances, count: instancesOf({ name, service, sources: sources.of(name), instances }) };
  });
}

const scaledToNone = (asked: PlanRequest): string[] =>
  chosenOf(asked).flatMap(({ name, service, count }) => (count === 0 && !isJob(service) ? [name] : []));

/** Returns mounted files whose edits no plan sees. */
async function unseenEdits(facts: SourceFacts, name: string): Promise<string[]> {
  const all = await facts.unseen();
  if (all.length === 0) return [];
  return [`a plan does not see edits of ${all.join(', ')}: after one, run belay restart --service ${name}`];
}

/** Compose recognises by its marks what was released. A dry run needs them only where something was. */
async function needsMarks(deps: Deps, { spec }: Project, input: ReleaseInput): Promise<boolean> {
  if (!input.dry_run) return true;
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
