import { takenOf } from '../src/compose/fronted';
import type { ComposeProject, ComposeService } from '../src/compose/project';
import { BelayError } from '../src/errors';
import type { DesiredService, Front, FrontRoute } from '../src/spec/desired';
import { isManaged } from '../src/spec/proxy-kind';
import type { ServiceSpec, Spec } from '../src/spec/spec';
import { extraInstances } from '../src/spec/strategy-counts';
import type { Deps } from './deps';
import type { Project } from './project';

/** What the proxies that Belay runs have to serve for each service; their images are pinned as any other. */
export async function withFronts(
  deps: Pick<Deps, 'runtime' | 'ledger'>,
  { project, compose }: { project: Project; compose: ComposeProject },
  services: DesiredService[],
): Promise<DesiredService[]> {
  const { spec } = project;
  const managed = Object.entries(spec.proxies).flatMap(([name, one]) => (isManaged(one) ? [[name, one] as const] : []));
  const images = new Map(
    await Promise.all(managed.map(async ([name, { image }]) => [name, await deps.runtime.pin(image)] as const)),
  );
  const fronted = await Promise.all(
    services.map(async (desired) => {
      const own = spec.services[desired.service]!;
      const fronts = managed.flatMap(([proxy]): Front[] => {
        const routes = routesOf({ proxy, own, desired, compose });
        return routes.length > 0 ? [{ proxy, image: images.get(proxy)!, routes }] : [];
      });
      return fronts.length > 0 ? { ...desired, fronts } : desired;
    }),
  );
  refuseSharedPorts(fronted);
  await refuseTakenBackends(deps, spec, fronted);
  return fronted;
}

/** A backend goes with its service: servers of one that was renamed, or taken out, are not another one's. */
async function refuseTakenBackends(
  { ledger }: Pick<Deps, 'ledger'>,
  spec: Spec,
  services: DesiredService[],
): Promise<void> {
  const known = await ledger.services(spec.platform);
  for (const other of known.filter((name) => !spec.services[name])) {
    const own = ledger.of({ platform: spec.platform, service: other });
    const head = await own.head();
    const before = head === undefined ? undefined : (await own.revision(head))?.desired;
    if (!before || before.removed) continue;
    const held = (before.fronts ?? []).flatMap(({ proxy, routes }) =>
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

function refuseSharedPorts(services: DesiredService[]): void {
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
          hint: 'let each publish a port of its own in the Compose file, also where the addresses differ',
        },
      );
  }
}

interface Asked {
  proxy: string;
  own: ServiceSpec;
  desired: DesiredService;
  compose: ComposeProject;
}

function routesOf({ proxy, own, desired, compose }: Asked): FrontRoute[] {
  const { service, instances, ready } = desired;
  const needed = instances + extraInstances(own.strategy, instances);
  return own.routes
    .filter((route) => route.proxy === proxy)
    .map(
      ({ backend = service, port, protocol = 'http' }): FrontRoute => ({
        service,
        backend,
        port,
        protocol,
        networks: networksOf(compose, service),
        ...publishedAt(compose.services[service] ?? {}, port),
        slots: needed + spareServers,
        ...(ready?.http && ready.status === 200 && ready.port === port && { readyPath: ready.http }),
        // Always, so that the strategy may become another one.
        sets: 2,
      }),
    );
}

/** So that one instance more does not change the configuration. */
const spareServers = 4;

function networksOf({ services, networks }: ComposeProject, service: string): Record<string, string[]> {
  const own = Object.entries(services[service]?.networks ?? {});
  return Object.fromEntries(
    own.map(([key, use]) => [networks[key]?.name ?? key, [service, ...(use?.aliases ?? [])].sort()]),
  );
}

/** As Compose publishes the port of a service. */
function publishedAt({ ports = [] }: ComposeService, port: number): Pick<FrontRoute, 'hostPort' | 'hostAddress'> {
  const found = takenOf(ports as Published[], port);
  const hostPort = Number(found[0]?.published);
  if (!Number.isInteger(hostPort) || hostPort === 0) return {};
  const addresses = found.map(({ host_ip = '' }) => host_ip);
  const [hostAddress] = addresses;
  // As where none is written: all of both families.
  if (!hostAddress || everywhere.every((one) => addresses.includes(one))) return { hostPort };
  return { hostPort, hostAddress: addresses.length > 1 ? addresses : hostAddress };
}

const everywhere = ['0.0.0.0', '::'];

interface Published {
  target: number;
  published?: string;
  protocol?: string;
  host_ip?: string;
}
