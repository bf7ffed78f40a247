import type { Revision } from '../src/hosts/revision';
import { leadsTo } from '../src/plan/slots';
import type { DesiredRoute, DesiredService } from '../src/spec/desired';
import type { Slot } from '../src/spec/observed';
import type { ProxySpec } from '../src/spec/spec';
import type { Deps } from './deps';
import { proxiesOf } from './proxies';

/** A server line of a backend that a route of the service leads to, or led to. */
export interface Server {
  proxy: string;
  backend: string;
  server: string;
  address: string;
  state: 'ready' | 'drain' | 'maint';
  /** No instance can be put there. */
  fixed: boolean;
  /** Container ports that routes through this backend lead to. */
  ports: number[];
}

export interface Routing {
  servers: Server[];
  /** Of the spec, and of revisions that may still have instances behind them. */
  proxies: Record<string, ProxySpec>;
  /** By the number of a revision, else those of the spec. */
  routesOf(revision: number): DesiredRoute[];
  /** Former proxies that could not be asked: what stands behind them may serve, and cannot be drained there. */
  silent: Set<string>;
}

interface Asked {
  desired: DesiredService;
  proxies: Record<string, ProxySpec>;
  revisions: Revision[];
  /** Those that may still have instances. */
  former: Revision[];
}

/** Where the service's instances may be in traffic now: at the routes that the spec names, and at those of earlier revisions. */
export async function observeRouting(deps: Deps, { desired, proxies, revisions, former }: Asked): Promise<Routing> {
  const earlier = former.map((one) => reached(one, proxies));
  const known: Routing['proxies'] = Object.assign({}, ...earlier.map((one) => one.proxies), proxies);
  const all = [...desired.routes, ...earlier.flatMap((one) => one.routes)].filter(({ proxy }) => known[proxy]);
  const open = proxiesOf(deps, known);
  const silent = new Set<string>();
  const look = async (routes: DesiredRoute[]): Promise<Server[]> => {
    const { proxy, backend } = routes[0]!;
    const ports = [...new Set(routes.map(({ port }) => port))];
    const servers = await open(proxy)
      .observe(backend)
      .catch((error: unknown) => {
        if (desired.routes.some(leadsTo(routes[0]!))) throw error;
        silent.add(proxy);
        return [];
      });
    return servers.map(({ server, address, state, fixed = false }) => {
      return { proxy, backend, server, address, state, fixed, ports };
    });
  };
  const servers = (await Promise.all(byBackend(all).map(look))).flat();
  const routesOf = (revision: number) => {
    const one = revisions.find(({ number }) => number === revision);
    return one ? reached(one, proxies).routes : desired.routes;
  };
  return { servers, proxies: known, routesOf, silent };
}

/** A revision's routes and proxies; a proxy that has changed places since keeps a name of its own for what stands behind it. */
function reached({ number, desired, site }: Revision, present: Record<string, ProxySpec>) {
  const moved = (name: string) => site?.proxies[name] && placeOf(site.proxies[name]) !== placeOf(present[name]);
  const nameOf = (name: string) => (present[name] && moved(name) ? `${name}@r${number}` : name);
  const proxies = Object.entries(site?.proxies ?? {}).map(([name, spec]) => [nameOf(name), spec]);
  const routes = desired.routes.map((route) => ({ ...route, proxy: nameOf(route.proxy) }));
  return { routes, proxies: Object.fromEntries(proxies) as Record<string, ProxySpec> };
}

const placeOf = (spec?: ProxySpec): string => (spec?.kind === 'haproxy' ? spec.socket : 'none');

function byBackend(routes: DesiredRoute[]): DesiredRoute[][] {
  const firsts = routes.filter((route, index) => routes.findIndex(leadsTo(route)) === index);
  return firsts.map((first) => routes.filter(leadsTo(first)));
}

/** The place that a server gives an instance, at the one of its ports that the server leads to. */
export function slotOf(
  { proxy, backend, server, address, ports }: Server,
  held: Record<string, number>,
): Slot | undefined {
  const port = ports.find((one) => address === `127.0.0.1:${held[one]}`);
  return port === undefined ? undefined : { proxy, backend, server, port };
}
