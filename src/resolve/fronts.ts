import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { DesiredCheck, Front, FrontRoute, PlannedService } from '../model/desired';
import { isRemoval } from '../model/task';
import type { Project } from '../project/project';
import { refuseLongPaths } from '../proxies/haproxy/managed';
import { headOf } from '../revisions/head-of';
import { type Pinned, pinProxyImage } from '../runtimes/docker/project/pin-image';
import type { SourceFacts } from '../runtimes/runtime';
import { askedPort } from '../spec/checks';
import { isKind } from '../spec/proxies';
import type { ServiceSpec, Spec } from '../spec/spec';
import { extraInstances } from '../spec/strategies';
import { publishedFor, refuseHeldPorts } from './held-ports';
import type { OpenedSources } from './sources';

/** The services with what managed proxies have to serve for each. The proxies' images are pinned like any other. */
export async function withFronts(
  deps: Pick<Deps, 'engine' | 'ledger' | 'home'>,
  { project, sources }: { project: Project; sources: OpenedSources },
  services: PlannedService[],
): Promise<PlannedService[]> {
  const { spec } = project;
  const managed = Object.entries(spec.proxies).flatMap(([name, one]) =>
    isKind(one, 'managed haproxy') ? [[name, one] as const] : [],
  );
  const images = new Map(
    await Promise.all(
      managed.map(async ([name, { image }]) => [name, await pinProxy(deps, { spec, name, ref: image })] as const),
    ),
  );
  const fronted = services.map((desired) => {
    const own = spec.services[desired.service]!;
    const fronts = managed.flatMap(([proxy]): Front[] => {
      const routes = routesOf({ proxy, own, desired, facts: sources.of(desired.service).facts(desired.service) });
      if (routes.length === 0) return [];
      refuseLongPaths({ home: deps.home, platform: spec.platform, name: proxy }, desired.service);
      return [{ proxy, image: images.get(proxy)!.image, routes }];
    });
    return fronts.length > 0 ? { ...desired, fronts } : desired;
  });
  refuseSharedPorts(fronted);
  const projects = fronted.flatMap((one) => one.project ?? []);
  await refuseHeldPorts({ engine: deps.engine }, { platform: spec.platform, projects, ports: publishedFor(fronted) });
  await refuseTakenBackends(deps, spec, fronted);
  return withWarnings(fronted, images);
}

/** Adds each proxy's warnings once, to the first service that it serves. */
function withWarnings(services: PlannedService[], images: Map<string, Pinned>): PlannedService[] {
  const first = (proxy: string) => services.find(({ fronts = [] }) => fronts.some((one) => one.proxy === proxy));
  return services.map((one) => {
    const said = [...images].flatMap(([proxy, { warning }]) => (warning && first(proxy) === one ? [warning] : []));
    return said.length > 0 ? { ...one, warnings: [...one.warnings, ...said] } : one;
  });
}

/**
 * The proxy's pinned image, or the running one if its registry does not answer. A silent registry is no reason to
 * replace a serving proxy.
 */
async function pinProxy(
  deps: Pick<Deps, 'engine' | 'ledger'>,
  { spec, name, ref }: { spec: Spec; name: string; ref: string },
): Promise<Pinned> {
  const { platform } = spec;
  const heads = await Promise.all(Object.keys(spec.services).map((service) => headOf(deps, { platform, service })));
  const fronts = heads.flatMap((head) => head?.desired.fronts ?? []);
  const former = fronts.find(({ proxy, image }) => proxy === name && image.ref === ref)?.image;
  return await pinProxyImage({ engine: deps.engine }, { name, ref, former });
}

/**
 * Throws where a backend belongs to another service, renamed or removed: its servers would be taken for this service's.
 */
async function refuseTakenBackends(
  { ledger }: Pick<Deps, 'ledger'>,
  spec: Spec,
  services: PlannedService[],
): Promise<void> {
  const known = await ledger.services(spec.platform);
  for (const other of known.filter((name) => !spec.services[name])) {
    const before = await headOf({ ledger }, { platform: spec.platform, service: other });
    if (!before || isRemoval(before)) continue;
    const held = (before.desired.fronts ?? []).flatMap(({ proxy, routes }) =>
      routes.map(({ backend }) => `${proxy}/${backend}`),
    );
    for (const { service, fronts = [] } of services) {
      const taken = fronts
        .flatMap(({ proxy, routes }) => routes.map(({ backend }) => `${proxy}/${backend}`))
        .find((one) => held.includes(one));
      if (taken)
        throw new BelayError('preflight-failed', `${service}: backend ${taken} still serves ${other}`, {
          hint: `give the route of ${service} a backend of its own, or leave backend out`,
        });
    }
  }
}

function refuseSharedPorts(services: PlannedService[]): void {
  const published = services.flatMap(({ service, fronts = [] }) =>
    fronts.flatMap(({ routes }) => routes.flatMap(({ hostPort }) => (hostPort ? [{ service, hostPort }] : []))),
  );
  for (const [index, { service, hostPort }] of published.entries()) {
    const other = published.slice(0, index).find((one) => one.hostPort === hostPort);
    if (other)
      throw new BelayError(
        'spec-invalid',
        `${other.service} and ${service} both publish port ${hostPort} of this host`,
        {
          hint: 'publish a different port for each in the Compose file, even if the addresses differ',
        },
      );
  }
}

interface RoutesRequest {
  proxy: string;
  own: ServiceSpec;
  desired: PlannedService;
  facts: SourceFacts;
}

function routesOf({ proxy, own, desired, facts }: RoutesRequest): FrontRoute[] {
  const { service, instances, ready } = desired;
  const needed = instances + extraInstances(own.strategy, instances);
  return own.routes
    .filter((route) => route.proxy === proxy)
    .map(
      ({ backend = service, port, protocol = 'http', resend, sticky, client_address: clientAddress }): FrontRoute => ({
        service,
        backend,
        port,
        protocol,
        networks: facts.networks,
        ...facts.published(port),
        slots: needed + spareServers,
        ...checkOf(ready, port),
        ...(own.hold !== undefined && { hold: own.hold }),
        ...(resend && { resend }),
        ...(sticky && { sticky }),
        ...(own.strategy.kind === 'canary' && own.strategy.match && { match: own.strategy.match }),
        ...(clientAddress && { clientAddress }),
        // Two sets from the start allow a later change of strategy.
        sets: 2,
      }),
    );
}

/** The proxy runs the same check as Belay if it can express it. Else it opens a connection at the same port. */
function checkOf(ready: DesiredCheck | undefined, port: number): Partial<FrontRoute> {
  if (!ready) return {};
  const { http, status, headers, proxied, timeout } = ready;
  const asked = askedPort(ready);
  return {
    ...(http && isPlainGet(ready) && { readyPath: http }),
    ...(http && isPlainGet(ready) && status !== 200 && { readyStatus: status as number }),
    ...(http && isPlainGet(ready) && headers && { readyHeaders: headers }),
    ...(asked !== undefined && asked !== port && { readyPort: asked, ...(proxied && { readyProxied: true }) }),
    readyTimeout: timeout,
  };
}

const isPlainGet = ({ method = 'GET', status }: DesiredCheck): boolean =>
  method === 'GET' && typeof status === 'number';

/** With spare servers, one more instance does not change the configuration. */
const spareServers = 4;
