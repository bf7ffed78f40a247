import type { Deps } from '../../src/host';
import type { DesiredBackup, DesiredService, ServiceDependency, Site } from '../../src/model/desired';
import { inOrder } from '../../src/plan/order';
import type { RestoredService } from '../../src/plan/plan-restore';
import type { Project } from '../../src/project/project';
import { checksOf } from '../../src/resolve/checks';
import type { OpenedSources } from '../../src/resolve/sources';
import { headOf } from '../../src/revisions/head-of';
import { unreleased } from '../../src/revisions/last-released';
import { headsOf } from '../../src/revisions/other-services';
import { siteOf } from '../../src/revisions/site-of';
import { capabilitiesAt } from '../../src/spec/proxies';

interface Files {
  project: Project;
  sources: OpenedSources;
}

/** The service of a thing, and those that a restore of it stops, each after those that it needs. */
export async function affectedBy(
  deps: Deps,
  files: Files,
  { service, writers }: DesiredBackup,
): Promise<{ owner: RestoredService; writers: RestoredService[] }> {
  const names = (writers ?? dependentsOf(files, service)).filter((name) => name !== service);
  const all = await Promise.all(names.map((name) => asItRuns(deps, files, name)));
  const sorted = inOrder(all.map(({ desired }) => ({ ...desired, task: { kind: 'run' as const } })));
  return {
    owner: await asItRuns(deps, files, service),
    writers: sorted.map((one) => all.find(({ desired }) => desired.service === one.service)!),
  };
}

/** Services of the spec that need this one, also by way of others that the spec may leave out. */
const dependentsOf = (files: Files, service: string): string[] =>
  Object.keys(files.project.spec.services).filter((other) => needsAll(files, other).has(service));

/** The service, and all that it needs. */
function needsAll(files: Files, name: string): Set<string> {
  const names = new Set([name]);
  // The loop also visits names that it adds meanwhile.
  for (const one of names) for (const { service } of neededBy(files, one)) names.add(service);
  return names;
}

/** What the service needs, by its own files and by the spec; Compose may have services that the spec leaves out. */
function neededBy({ project, sources }: Files, name: string): ServiceDependency[] {
  const { needs = [] } = project.spec.services[name] ?? {};
  const named = needs.flatMap(({ service }) => (service ? [{ service, condition: 'healthy' as const }] : []));
  return [...(factsOf({ project, sources }, name)?.dependencies ?? []), ...named];
}

/** Undefined for a name that neither the spec nor Compose has. */
const factsOf = ({ project, sources }: Files, name: string) =>
  project.spec.services[name] || sources.projectOf(name) !== undefined ? sources.of(name).facts(name) : undefined;

async function asItRuns(deps: Deps, files: Files, name: string): Promise<RestoredService> {
  const { platform } = files.project.spec;
  const after = neededBy(files, name);
  const head = await headOf(deps, { platform, service: name });
  if (head) return { desired: { ...head.desired, after } };
  const project = factsOf(files, name)?.project;
  return { desired: { ...asWritten(files, name), after }, ...(project !== undefined && { project }) };
}

/** A service that Belay has never released: other tools have started it, and no proxy of Belay's leads to it. */
function asWritten({ project, sources }: Files, name: string): DesiredService {
  const { spec } = project;
  const none = unreleased(name);
  const { project: at, stop = {} } = factsOf({ project, sources }, name) ?? {};
  const { grace = none.stop.grace } = stop;
  const service = spec.services[name];
  if (!service) return { ...none, project: at, stop: { signal: stop.signal, grace } };
  const isOthers = (proxy: string) => {
    const { places, managed } = capabilitiesAt(spec.proxies, proxy);
    return places !== 'none' && !managed;
  };
  return {
    ...none,
    ...(service.runtime && { runtime: service.runtime }),
    project: at,
    routes: service.routes
      .filter(({ proxy }) => isOthers(proxy))
      .map(({ proxy, backend = name, port }) => ({ proxy, backend, port })),
    ...checksOf(service, { name, folder: project.folder }),
    drain: service.drain,
    stop: { signal: service.stop.signal ?? stop.signal, grace: service.stop.grace ?? grace },
  };
}

/** Proxies and ports as the services run with them. */
export async function siteOfAll(deps: Deps, { spec }: Project, services: string[]): Promise<Site> {
  const heads = await headsOf(deps, spec.platform, services);
  return { proxies: { ...spec.proxies, ...siteOf(heads).proxies }, ports: spec.hosts.local.ports };
}
