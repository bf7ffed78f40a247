import { shortGrace } from '../checks/stop';
import { BelayError } from '../errors';
import type { Deps } from '../host';
import { hmacKey } from '../hosts/machine';
import { type Artifact, artifactDigest, artifactRef, isOnlyHere } from '../model/artifact';
import type { DesiredJob, DesiredService, ServiceDependency } from '../model/desired';
import { desiredNeeds } from '../project/desired-needs';
import type { Project } from '../project/project';
import { environmentMarks } from '../runtimes/fingerprint';
import type { SourceFacts, Sources } from '../runtimes/runtime';
import { askedPort } from '../spec/checks';
import { lenientChecks } from '../spec/lenient';
import { capabilitiesAt } from '../spec/proxies';
import { sharing } from '../spec/refusals/strategy';
import type { RuntimeCapabilities } from '../spec/runtimes';
import { sameCheck } from '../spec/same-check';
import type { ServiceSpec, StrategySpec } from '../spec/spec';
import { countedStrategy, strategyKind } from '../spec/strategies';
import { checksOf } from './checks';
import { scenarioOf } from './drill';
import { identified } from './identified';
import { lockWarnings } from './job-warnings';
import { standingOverrides } from './overrides';
import { versionOf, versionWarning } from './version';

export const defaultGrace = 30_000;

export interface Resolution {
  name: string;
  service: ServiceSpec;
  project: Project;
  /** The capabilities of the service's runtime. */
  capabilities: RuntimeCapabilities;
  sources: Sources;
  artifact: Artifact;
  instances?: number;
  /** The revision to compare with; the fingerprint follows its formula. */
  former?: Pick<DesiredService, 'fingerprint' | 'formula' | 'own' | 'again' | 'overrides'>;
}

/** True if no instance of the service stays. */
export const isJob = ({ strategy }: Pick<ServiceSpec, 'strategy'>): boolean => strategy.kind === 'job';

/** The number of instances by the release, else the spec, else the Compose file, which may say 0. */
export const instancesOf = ({
  name,
  service,
  sources,
  instances,
}: Pick<Resolution, 'name' | 'service' | 'sources' | 'instances'>): number =>
  isJob(service) ? 0 : (instances ?? service.instances ?? sources.facts(name).instances ?? 1);

/** Throws `spec-invalid` for what no release could do, whatever the artifact is. Returns what it has decided for that. */
export function refuseService({
  name,
  service,
  project,
  capabilities,
  sources,
  instances,
}: Omit<Resolution, 'artifact' | 'former'>) {
  const facts = sources.facts(name);
  const count = instancesOf({ name, service, sources, instances });
  const strategy = strategyOf(name, service.strategy, count);
  if (!isJob(service)) refuseWritable({ name, service, facts, instances: count });
  const [problem] = [...facts.problems, ...unreached(service, project, capabilities)];
  if (problem) throw new BelayError('spec-invalid', `services.${name}: ${problem.why}`, { hint: problem.hint });
  return { facts, strategy, checks: checksOf(service, { name, folder: project.folder }) };
}

/** The service with every open choice of the spec decided. */
export async function resolveService(
  deps: Pick<Deps, 'home'>,
  { name, service, project, capabilities, sources, artifact, instances, former }: Resolution,
): Promise<DesiredService> {
  const { facts, strategy, checks } = refuseService({ name, service, project, capabilities, sources, instances });
  const stateful = facts.writable.length > 0 && !service.shared_volumes && !isJob(service);
  const routes = service.routes
    .filter((route) => capabilitiesAt(project.spec.proxies, route.proxy).places !== 'none')
    .map(({ proxy, backend = name, port }) => ({ proxy, backend, port }));
  const count = instancesOf({ name, service, sources, instances });
  const writtenInstances = instancesOf({ name, service, sources });
  const { ready, live, validate } = checks;
  const on_failure = service.on_failure ?? (stateful ? 'hold' : 'rollback');
  const version = versionOf(service, artifact);
  const stop = {
    signal: service.stop.signal ?? facts.stop.signal,
    grace: service.stop.grace ?? facts.stop.grace ?? defaultGrace,
  };
  const used = [
    ...service.routes.map((route) => route.port),
    ready && askedPort(ready),
    live && askedPort(live),
    version?.port,
    ...validate.map(askedPort),
  ];
  const ports = [...new Set(used.filter((port) => port !== undefined))].sort((a, b) => a - b);
  const hostPorts = capabilities.ports === 'own' ? (facts.hostPorts ?? []) : undefined;
  const key = await hmacKey(deps.home);
  const { leaders } = facts;
  const overrides = standingOverrides(former?.overrides?.values ?? {}, facts.environment, key);
  const environment = { ...facts.environment, ...overrides?.values };
  if (service.drill?.when && stateful) throw undrillable(name, 'drill: before');
  return {
    service: name,
    ...(service.runtime && { runtime: service.runtime }),
    project: facts.project,
    artifact,
    instances: count,
    ...(count !== writtenInstances && { writtenInstances }),
    ...(await identified(
      { sources, name, digest: artifactDigest(artifact), ports, routes, stop, former, overrides },
      key,
    )),
    environment: environmentMarks(environment, key),
    ports,
    ...(hostPorts && { hostPorts }),
    routes,
    strategy,
    ready,
    ...(live && { live }),
    ...(version && { version }),
    drain: service.drain,
    stop,
    keep: service.keep,
    on_failure,
    ...dependencies(service, { project, facts }),
    ...(stateful && { stateful }),
    ...(service.drill?.when && { drill: scenarioOf({ ready, ports, hostPorts, stop }, service) }),
    ...(leaders.length > 0 && { leaders }),
    validate,
    ...jobsOf(name, service),
    warnings: warnings({ service, project, artifact, stop, routed: routes.length > 0, facts }),
  };
}

/** The error for a service that a second instance would harm. */
export const undrillable = (name: string, what: string): BelayError =>
  new BelayError(
    'spec-invalid',
    `services.${name}: writes to a volume, and the instance of a drill would write to it too: ${what} cannot work`,
    { hint: 'write shared_volumes: true where several instances may write at the same time' },
  );

function jobsOf(name: string, { jobs, strategy }: ServiceSpec): Pick<DesiredService, 'jobs'> {
  const own = strategy.kind === 'job' ? [{ ...strategy, name, when: 'before' as const, command: undefined }] : jobs;
  const desired = own.map(
    ({ name, when, command, timeout, pending, undo, point_of_no_return: isFinal }): DesiredJob => ({
      name,
      when,
      ...(command && { command }),
      timeout,
      ...(pending && { pending }),
      ...(undo && { undo }),
      ...(isFinal && { point_of_no_return: true as const }),
    }),
  );
  return desired.length > 0 ? { jobs: desired } : {};
}

/** A managed proxy reaches instances by their names on a network. */
function unreached(
  service: ServiceSpec,
  { spec }: Project,
  { networks }: RuntimeCapabilities,
): SourceFacts['problems'] {
  const route = service.routes.find(({ proxy }) => capabilitiesAt(spec.proxies, proxy).reaches === 'name');
  if (networks || !route) return [];
  const why = `proxy ${route.proxy} reaches instances by name, and those of this runtime are on no network`;
  return [{ why, hint: 'give it a route through a proxy of yours, which reaches ports of this host' }];
}

/** Splits dependencies: services of the spec go before this one, others of its source have to run. */
function dependencies(
  { needs }: ServiceSpec,
  { project, facts }: Pick<Resolution, 'project'> & { facts: SourceFacts },
): Pick<DesiredService, 'after' | 'requires' | 'needs'> {
  const all = [
    ...facts.dependencies,
    ...needs.flatMap(({ service }): ServiceDependency[] => (service ? [{ service, condition: 'healthy' }] : [])),
  ];
  const isOwn = ({ service }: ServiceDependency) => project.spec.services[service] !== undefined;
  const [after, requires] = [all.filter(isOwn), all.filter((one) => !isOwn(one))];
  const external = desiredNeeds({ needs }, project.folder);
  return {
    ...(after.length > 0 && { after }),
    ...(requires.length > 0 && { requires }),
    ...(external.length > 0 && { needs: external }),
  };
}

/**
 * The strategy with percentages counted. The number of instances may come from Compose or the release, so its limits
 * are checked here again.
 */
function strategyOf(name: string, written: StrategySpec, instances: number): DesiredService['strategy'] {
  const strategy = countedStrategy(written, instances);
  if (strategy.kind !== 'rolling' || written.kind !== 'rolling') return strategy;
  if (strategy.surge + strategy.unavailable === 0 || strategy.unavailable >= instances) {
    throw new BelayError(
      'spec-invalid',
      `services.${name}.strategy: surge ${written.surge} and unavailable ${written.unavailable} would block every replacement of ${instances} instances`,
      {
        hint: 'write surge: 1, or unavailable between 1 and one less than the number of instances',
      },
    );
  }
  return strategy;
}

interface Written {
  name: string;
  service: ServiceSpec;
  facts: SourceFacts;
  instances: number;
}

function refuseWritable({ name, service, facts: { writable }, instances }: Written): void {
  const why = sharing(service.strategy.kind, instances);
  if (writable.length === 0 || service.shared_volumes || !why) return;
  throw new BelayError(
    'spec-invalid',
    `services.${name}: writes to the volume at ${writable.join(', ')}, and ${why.text}`,
    {
      hint: `mark the volume read-only (:ro), or write ${why.hint}, or shared_volumes: true where that is safe`,
    },
  );
}

interface Facts {
  service: ServiceSpec;
  project: Project;
  artifact: Artifact;
  stop: { grace: number };
  routed: boolean;
  facts: SourceFacts;
}

/** Longest drain that clients of a TCP port accept, in milliseconds. */
const shortDrain = 5_000;

function warnings({ service, project, artifact, stop, routed, facts }: Facts): string[] {
  const proxies = service.routes.map(({ proxy }) => capabilitiesAt(project.spec.proxies, proxy));
  const ref = artifactRef(artifact);
  const floating = !ref.includes('@') && /(^|\/)[^:/]+(:latest)?$/.test(ref);
  return [
    ...lockWarnings(service, facts.environment),
    versionWarning(service, artifact),
    sameCheck(service),
    ...lenientChecks(service),
    floating && 'the image has a floating tag: the digest is pinned now, and the next release may find another',
    isOnlyHere(artifact) && 'the image is only on this host: it cannot be pulled again',
    !isJob(service) &&
      !service.health.ready &&
      'no health.ready: an instance counts as ready as soon as it runs, and accepts connections at the ports of its routes',
    !isJob(service) &&
      !routed &&
      'no route through a proxy: an instance takes traffic from its start, and cannot be drained',
    // A managed proxy has the service's name.
    proxies.some(({ places }) => places !== 'none') &&
      !proxies.some(({ managed }) => managed) &&
      facts.neighbours.length > 0 &&
      'instances behind a proxy have no network alias: other services reach it through the proxy alone, and not by its name',
    routed && stop.grace < service.drain.deadline && service.drain.at_deadline === 'proceed' && shortGrace,
    !strategyKind(service.strategy.kind).overlaps &&
      service.routes.some((one) => one.protocol === 'tcp' && capabilitiesAt(project.spec.proxies, one.proxy).managed) &&
      service.drain.deadline > shortDrain &&
      `TCP connections seldom end by themselves. recreate waits for them, and new ones wait too, for ${service.drain.deadline / 1000} s at most: write a shorter drain.deadline, such as 2s`,
  ].filter((one) => one !== false);
}
