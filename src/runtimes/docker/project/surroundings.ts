import { capabilitiesAt } from '../../../spec/proxies';
import type { ServiceSpec, Spec } from '../../../spec/spec';
import { addressKeepers } from '../compose/address-keepers';
import { leadersOf } from '../compose/leaders';
import { askersOfContainers, listeningPorts } from '../compose/listening';
import { type MountedTexts, mountedTexts } from '../compose/mounted-texts';
import type { ComposeProject } from '../compose/project';
import { tiesTo } from '../compose/ties';
import type { Engine } from '../engine';
import { unnamedVolumes } from './unnamed-volumes';
import { unroutedPorts } from './unrouted-ports';

/** A fact about a service outside of Belay's control, and what to do about it. */
export interface Surrounding {
  service: string;
  text: string;
  todo: string;
}

interface SurroundingsRequest {
  spec: Spec;
  compose: ComposeProject;
  services: string[];
  /** Services whose names keep leading to their present address; empty where Belay cannot tell. */
  stay?: string[];
}

/**
 * Findings around the services: volumes that only images declare, and unrouted ports. Also tools that send requests
 * past the proxy, and services that keep an address. Changes nothing.
 */
export async function surroundings(
  { engine }: { engine: Pick<Engine, 'observe' | 'listening'> },
  { spec, compose, services, stay = [] }: SurroundingsRequest,
): Promise<Surrounding[]> {
  const texts = await mountedTexts(compose);
  const found = services.map(async (service) => {
    const around = aroundOf({ service, spec, compose, texts });
    const seen = await engine.observe({ platform: spec.platform, service, project: compose.name });
    const all = [
      ...unnamedVolumes(around, seen),
      ...(await unroutedPorts(engine, around, seen)),
      ...misread(around),
      ...leaders(around),
      ...ties(around, Object.keys(spec.services)),
      ...(around.managed.length > 0 ? containersAsked(around) : []),
      ...(stay.includes(service) ? [] : keepers(around)),
    ];
    return all.map((one) => ({ service, ...one }));
  });
  return (await Promise.all(found)).flat();
}

type Routes = ServiceSpec['routes'];

/** Facts about one service that need no look at the host. */
export interface ServiceFacts {
  service: string;
  platform: string;
  compose: ComposeProject;
  texts: MountedTexts;
  /** Routes through any proxy. */
  routes: Routes;
  /** Routes through managed proxies. */
  managed: Routes;
}

export type Finding = Omit<Surrounding, 'service'>;

function aroundOf({
  service,
  spec,
  ...known
}: Pick<SurroundingsRequest, 'spec' | 'compose'> & { service: string; texts: MountedTexts }): ServiceFacts {
  const routes = spec.services[service]!.routes.filter(
    ({ proxy }) => capabilitiesAt(spec.proxies, proxy).places !== 'none',
  );
  const managed = routes.filter(({ proxy }) => capabilitiesAt(spec.proxies, proxy).managed);
  return { service, platform: spec.platform, routes, managed, ...known };
}

/**
 * Tools that reach the service past its proxy. The service's name has to lead to a proxy before a tool goes through it.
 */
function leaders({ service, compose, routes, managed }: ServiceFacts): Finding[] {
  const past = routes.length > 0 ? `, past proxy ${routes[0]!.proxy}` : '';
  const port = String((managed[0] ?? routes[0])?.port ?? 'PORT');
  const first = managed.length > 0 ? '' : 'give it a route through a proxy that Belay runs, then ';
  return leadersOf(compose, service).map(({ tool, by, instead }) => ({
    text: `${tool} sends requests directly to its instances (${by})${past}: also to an instance that is not ready, and a drain does not count them`,
    todo: `${first}${instead.replaceAll('PORT', port)}`,
  }));
}

/** Http routes whose port other services use with another protocol. */
function misread({ service, compose, texts, managed }: ServiceFacts): Finding[] {
  const known = listeningPorts(compose, service, texts);
  return managed.flatMap(({ port, protocol: carried = 'http' }): Finding[] => {
    const asked = known.find((one) => one.port === port)?.protocol ?? 'http';
    if (carried !== 'http' || asked === 'http') return [];
    return [
      {
        text: `the Compose file says that port ${port} carries ${asked === 'grpc' ? 'grpc' : 'no http'}, but its route carries http: the proxy refuses other protocols`,
        todo: `write protocol: ${asked} at the route`,
      },
    ];
  });
}

/** Services that share something with this one. Services that Belay also releases lose links, and share nothing. */
function ties({ service, compose, routes }: ServiceFacts, released: string[]): Finding[] {
  const past = routes.length > 0 ? `, past proxy ${routes[0]!.proxy}` : '';
  return tiesTo(compose, service)
    .filter((tie) => !released.includes(tie.service))
    .map(({ service: other, by, shares }) =>
      shares
        ? {
            text: `${other} shares a container with it (${by}): a release removes that container, and ${other} stops working`,
            todo: `after each release run docker compose up -d --no-deps --force-recreate ${other}. Or take ${by} away from ${other}`,
          }
        : {
            text: `${other} connects to its containers directly (${by})${past}: even while they drain, and after they are removed`,
            todo: `remove the link: services on one network find each other by name, and by the aliases of their networks`,
          },
    );
}

/** Other services that use a container's name: the proxy answers to service names only. */
function containersAsked({ service, compose, texts }: ServiceFacts): Finding[] {
  return askersOfContainers(compose, service, texts).map((by) => ({
    text: `${by} uses the name of Compose's container: a release removes that container, and the name with it`,
    todo: `write ${service} in place of that name`,
  }));
}

/**
 * Services that look the address up once and keep it. A user's own proxy does not answer to the service's name, so
 * nobody keeps its address.
 */
function keepers({ service, compose, routes, managed, texts }: ServiceFacts): Finding[] {
  if (routes.length > 0 && managed.length === 0) return [];
  const port = String(managed[0]?.port ?? 'PORT');
  return addressKeepers(compose, service, texts).map(({ service: keeper, tool, file, reload, instead }) => ({
    text: `${keeper} (${tool}, ${file}) looks its name up once: after a release that gives the name another address, it keeps using the old one`,
    todo: `let it look the name up regularly before the release (${instead.replaceAll('PORT', port)}), or reload it right after: ${reload}`,
  }));
}
