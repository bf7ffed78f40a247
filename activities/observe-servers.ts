import { asBelayError } from '../src/errors';
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
  /** Former proxies that did not answer: what stands behind them may serve, and cannot be drained there. */
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
  const known = { ...Object.assign({}, ...former.map((one) => one.site?.proxies)), ...proxies } as Routing['proxies'];
  const all = [...desired.routes, ...former.flatMap((one) => one.desired.routes)].filter(({ proxy }) => known[proxy]);
  const open = proxiesOf(deps, known);
  const silent = new Set<string>();
  const look = async (routes: DesiredRoute[]): Promise<Server[]> => {
    const { proxy, backend } = routes[0]!;
    const ports = [...new Set(routes.map(({ port }) => port))];
    const servers = await open(proxy)
      .observe(backend)
      .catch((error: unknown) => {
        if (desired.routes.some(leadsTo(routes[0]!))) throw error;
        if (asBelayError(error).code === 'proxy-unreachable') silent.add(proxy);
        return [];
      });
    return servers.map(({ server, address, state, fixed = false }) => {
      return { proxy, backend, server, address, state, fixed, ports };
    });
  };
  const servers = (await Promise.all(byBackend(all).map(look))).flat();
  const routesOf = (revision: number) =>
    revisions.find((one) => one.number === revision)?.desired.routes ?? desired.routes;
  return { servers, proxies: known, routesOf, silent };
}

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
