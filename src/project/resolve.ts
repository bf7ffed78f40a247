import { BelayError } from '../errors';
import type { Deps } from '../host';
import { hmacKey } from '../hosts/machine';
import type { DesiredService, ServiceDependency } from '../model/desired';
import { instancesBegin } from '../model/instance-name';
import type { PinnedImage } from '../model/observed';
import { imagesOf } from '../revisions/tags';
import { assertCarried } from '../runtimes/docker/compose/carried';
import { secretTexts } from '../runtimes/docker/compose/contents';
import { composeDependencies } from '../runtimes/docker/compose/depends-on';
import { type ComposeFacts, composeFacts } from '../runtimes/docker/compose/facts';
import { environmentMarks } from '../runtimes/docker/compose/fingerprint';
import { withoutPorts } from '../runtimes/docker/compose/fronted';
import { leadersOf } from '../runtimes/docker/compose/leaders';
import type { ComposeProject, ComposeService } from '../runtimes/docker/compose/project';
import { askedPort } from '../spec/checks';
import { composeUses, frontedPorts } from '../spec/compose-uses';
import { capabilitiesAt } from '../spec/proxies';
import { insideProblems } from '../spec/refusals/inside';
import { sharing } from '../spec/refusals/strategy';
import type { ServiceSpec, StrategySpec } from '../spec/spec';
import { countedStrategy, strategyKind } from '../spec/strategies';
import { checksOf } from './checks';
import { desiredNeeds } from './desired-needs';
import { identified } from './identified';
import { dotenv, knownValues, type Project } from './project';
import { type Resolving, resolvedProject } from './resolved-project';

const defaultGrace = 30_000;

/** The Compose project of a spec, with or without a Compose file. Adds its values to the masker. */
export async function readProject(
  deps: Pick<Deps, 'masker' | 'home'>,
  project: Project,
  how: Resolving = {},
): Promise<ComposeProject> {
  const { spec } = project;
  const { masker } = deps;
  // Compose's error messages may contain values too.
  masker.add({ ...dotenv(project), ...knownValues(project) }, publicText(project));
  const compose = await resolvedProject(deps, project, how);
  masker.add(compose.asked.values, publicText(project));
  for (const name of Object.keys(spec.services))
    masker.add(composeFacts(compose, name).environment, publicText(project));
  masker.add(await secretTexts(compose, Object.keys(spec.services)), publicText(project));
  assertCarried(withoutPorts(compose, frontedPorts(spec)), composeUses(spec));
  return compose;
}

/** Texts that are no secret: everybody who may see a release can read them. */
export function publicText({ spec, text, folder, set }: Project): string {
  return [
    text,
    folder,
    ...Object.values(set),
    ...Object.keys(spec.services).map(
      (service) =>
        `${instancesBegin({ platform: spec.platform, service })} ${imagesOf({ platform: spec.platform, service })}r`,
    ),
  ].join('\n');
}

export interface Resolution {
  name: string;
  service: ServiceSpec;
  project: Project;
  compose: ComposeProject;
  image: PinnedImage;
  instances?: number;
  /** The revision to compare with; the fingerprint follows its formula. */
  former?: Pick<DesiredService, 'fingerprint' | 'formula' | 'own' | 'again'>;
}

/**
 * The number of instances by the release, else the spec, else the Compose file; 0 where that file scales the service to
 * 0.
 */
export const instancesOf = ({
  name,
  service,
  compose,
  instances,
}: Pick<Resolution, 'name' | 'service' | 'compose' | 'instances'>): number =>
  instances ?? service.instances ?? composeFacts(compose, name).instances ?? 1;

/** The service with every open choice of the spec decided. */
export async function resolveService(
  deps: Pick<Deps, 'home'>,
  { name, service, project, compose, image, instances, former }: Resolution,
): Promise<DesiredService> {
  const facts = composeFacts(compose, name);
  const stateful = facts.writable.length > 0 && !service.shared_volumes;
  const routes = service.routes
    .filter((route) => capabilitiesAt(project.spec.proxies, route.proxy).places !== 'none')
    .map(({ proxy, backend = name, port }) => ({ proxy, backend, port }));
  const count = instancesOf({ name, service, compose, instances });
  const writtenInstances = instancesOf({ name, service, compose });
  const strategy = strategyOf(name, service.strategy, count);
  refuseWritable({ name, service, facts, instances: count });
  refuseInside({ name, project, compose });
  const { ready, validate } = checksOf(service);
  const stop = {
    signal: service.stop.signal ?? facts.stop.signal,
    grace: service.stop.grace ?? facts.stop.grace ?? defaultGrace,
  };
  const used = [
    ...service.routes.map((route) => route.port),
    ready && askedPort(ready),
    ...validate.map((smoke) => smoke.port),
  ];
  const ports = [...new Set(used.filter((port) => port !== undefined))].sort((a, b) => a - b);
  const key = await hmacKey(deps.home);
  const leaders = leadersOf(compose, name).map(({ tool }) => tool);
  return {
    service: name,
    project: compose.name,
    image,
    instances: count,
    ...(count !== writtenInstances && { writtenInstances }),
    ...(await identified({ compose, name, digest: image.digest, ports, routes, stop, former }, key)),
    environment: environmentMarks(facts.environment, key),
    ports,
    routes,
    strategy,
    ready,
    drain: service.drain,
    stop,
    keep: service.keep,
    on_failure: service.on_failure ?? (stateful ? 'hold' : 'rollback'),
    ...dependencies(name, service, { project, compose }),
    ...(stateful && { stateful }),
    ...(leaders.length > 0 && { leaders }),
    validate,
    warnings: warnings({ name, service, project, image, stop, routed: routes.length > 0, compose }),
  };
}

/** Splits dependencies: services of the spec go before this one, other Compose services have to run. */
function dependencies(
  name: string,
  { needs }: ServiceSpec,
  { project, compose }: Pick<Resolution, 'project' | 'compose'>,
): Pick<DesiredService, 'after' | 'requires' | 'needs'> {
  const all = [
    ...composeDependencies(compose, name),
    ...needs.flatMap(({ service }): ServiceDependency[] => (service ? [{ service, condition: 'healthy' }] : [])),
  ];
  const isOwn = ({ service }: ServiceDependency) => project.spec.services[service] !== undefined;
  const [after, requires] = [all.filter(isOwn), all.filter((one) => !isOwn(one))];
  const external = desiredNeeds({ needs });
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
  facts: ComposeFacts;
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

function refuseInside({ name, project: { spec }, compose }: Pick<Resolution, 'name' | 'project' | 'compose'>): void {
  const [problem] = insideProblems(compose, spec, [name]);
  if (problem) throw new BelayError('spec-invalid', `services.${name}: ${problem.why}`, { hint: problem.hint });
}

interface Facts {
  service: ServiceSpec;
  project: Project;
  image: PinnedImage;
  stop: { grace: number };
  name: string;
  routed: boolean;
  compose: ComposeProject;
}

/** Other services on one of the service's networks. */
export function neighbours({ services }: ComposeProject, name: string): string[] {
  const own = Object.keys(services[name]?.networks ?? {});
  const shares = ([other, { networks = {} }]: [string, ComposeService]) =>
    other !== name && Object.keys(networks).some((network) => own.includes(network));
  return Object.entries(services)
    .filter(shares)
    .map(([other]) => other);
}

/** Longest drain that clients of a TCP port accept, in milliseconds. */
const shortDrain = 5_000;

function warnings({ name, service, project, image, stop, routed, compose }: Facts): string[] {
  const proxies = service.routes.map(({ proxy }) => capabilitiesAt(project.spec.proxies, proxy));
  const floating = !image.ref.includes('@') && /(^|\/)[^:/]+(:latest)?$/.test(image.ref);
  return [
    floating &&
      `image ${image.ref} has a floating tag: the digest is pinned now, and the next release may find another`,
    image.local && `image ${image.ref} is only on this host: it cannot be pulled again`,
    !service.health.ready &&
      `has no health.ready: an instance counts as ready as soon as it ${routed ? 'accepts connections at the ports of its routes' : 'runs'}`,
    !routed && 'has no route through a proxy: it takes traffic from its start and cannot be drained',
    // A managed proxy has the service's name.
    proxies.some(({ places }) => places !== 'none') &&
      !proxies.some(({ managed }) => managed) &&
      neighbours(compose, name).length > 0 &&
      `instances behind a proxy have no network alias: ${neighbours(compose, name).join(', ')} cannot reach it as ${name}, only through the proxy`,
    routed &&
      stop.grace < service.drain.deadline &&
      service.drain.at_deadline === 'proceed' &&
      'stop.grace is shorter than drain.deadline: requests in flight at the deadline get less time to finish than they had to drain',
    !strategyKind(service.strategy.kind).overlaps &&
      service.routes.some((one) => one.protocol === 'tcp' && capabilitiesAt(project.spec.proxies, one.proxy).managed) &&
      service.drain.deadline > shortDrain &&
      `TCP connections seldom end by themselves. recreate waits for them, and new ones wait too, for ${service.drain.deadline / 1000} s at most: write a shorter drain.deadline, such as 2s`,
  ].filter((one) => one !== false);
}
