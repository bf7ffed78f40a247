import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { Revision } from '../hosts/revision';
import type { DesiredRoute, DesiredService } from '../model/desired';
import type { ObservedSets, Slot } from '../model/observed';
import type { InstanceRef } from '../model/plan';
import { leadsTo } from '../plan/slots';
import type { ProxyAdapter, ProxyServer } from '../proxies/proxy';
import { setsOf } from '../proxies/sets';
import type { ProxySpec } from '../spec/proxies';
import { strategyKind } from '../spec/strategies';
import { addressOf, type Proxies, proxiesOf } from './proxies';

/** A server line of a backend that a route of the service leads to, or led to. */
export interface Server {
  proxy: string;
  backend: string;
  server: string;
  address: string;
  state: 'ready' | 'drain' | 'maint';
  /** True if no instance can take this server. */
  fixed: boolean;
  /** The current weight, if it differs from the configuration. */
  weight?: number;
  /** Chosen clients go there. */
  chosen?: true;
  /** As the proxy counts them; absent if it does not. */
  inFlight?: number;
  /** Container ports of the routes through this backend. */
  ports: number[];
}

export interface Routing {
  servers: Server[];
  /** The spec's routes with two sets, and which set serves. */
  sets: ObservedSets[];
  /** The spec's routes, one for every backend that each may lead to. */
  routes: DesiredRoute[];
  /** Proxies of the spec, and of revisions that may still have instances behind them. */
  proxies: Record<string, ProxySpec>;
  open: Proxies;
  /** Routes by revision number, else the spec's. */
  routesOf(revision: number): DesiredRoute[];
  /** Former proxies that did not answer. Instances behind them may serve, and cannot be drained there. */
  silent: Set<string>;
}

interface RoutingRequest {
  platform: string;
  desired: DesiredService;
  proxies: Record<string, ProxySpec>;
  revisions: Revision[];
  /** Revisions that may still have instances. */
  former: Revision[];
}

/** Without `fronts` a managed proxy that is gone counts as silent. */
type Looking = Pick<Deps, 'proxyOf'> & Partial<Pick<Deps, 'fronts'>>;

/** The servers and routes where the service's instances may be in traffic, of the spec and of earlier revisions. */
export async function observeRouting(
  deps: Looking,
  { platform, desired, proxies, revisions, former }: RoutingRequest,
): Promise<Routing> {
  const earlier = former.map((one) => reached(deps, one, proxies));
  const known: Routing['proxies'] = Object.assign({}, ...earlier.map((one) => one.proxies), proxies);
  const open = proxiesOf(deps, { platform, proxies: known });
  const orGone = goneIn(deps, { platform, service: desired.service, open });
  const sets = await observeSets(desired, open, orGone);
  const routes = desired.routes.flatMap((route) => toBackends(route, { sets }));
  const past = earlier.flatMap((one) => one.routes.filter(({ proxy }) => known[proxy]));
  // A former proxy may be gone, and its maps with it.
  const pastSets = await mapsAt(past, { open, orGone, isNone: () => true });
  const left = earlier.flatMap((one) =>
    one.routes.flatMap((route) => toBackends(route, { sets: pastSets, own: one.backendsOf(route) })),
  );
  const all = [...routes, ...left].filter(({ proxy }) => known[proxy]);
  const silent = new Set<string>();
  const look = async (same: DesiredRoute[]): Promise<Server[]> => {
    const { proxy, backend } = same[0]!;
    const ports = [...new Set(same.map(({ port }) => port))];
    const servers = await open(proxy)
      .observe(backend)
      .catch(orGone(proxy))
      .catch((error: unknown) => {
        const needed = routes.some(leadsTo(same[0]!));
        const dark = [...sets, ...pastSets].some((set) => set.proxy === proxy && isIdleBackend(open, set, backend));
        // The release starts a managed proxy. A backend may be gone if the map leads elsewhere.
        const dispensable = open.of(proxy).capabilities.managed || (dark && !(needed && isSwitched(desired)));
        if (dispensable && isAbsent(error)) return [];
        if (needed) throw error;
        silent.add(proxy);
        return [];
      });
    return [...servers, ...comingServers(open.of(proxy), servers, same[0]!, desired)].map(
      ({ server, address, state, fixed = false, weight, chosen, inFlight }) => {
        const counted = inFlight !== undefined && { inFlight };
        return { proxy, backend, server, address, state, fixed, weight, ...(chosen && { chosen }), ...counted, ports };
      },
    );
  };
  const servers = (await Promise.all(byBackend(all).map(look))).flat();
  const routesOf = (revision: number) => {
    const one = revisions.find(({ number }) => number === revision);
    return one ? reached(deps, one, proxies).routes : desired.routes;
  };
  return { servers, sets, routes, proxies: known, open, routesOf, silent };
}

/**
 * True if the proxy answered that it does not know the backend. A managed proxy may not serve the service yet. A silent
 * proxy may still serve.
 */
const isAbsent = (error: unknown): boolean => error instanceof BelayError && error.code === 'proxy-refused';

/** Throws what asking the proxy has thrown. */
type OrGone = (proxy: string) => (error: unknown) => Promise<never>;

/** A managed proxy without any container is absent, and not silent: the release starts it anew. */
const goneIn =
  ({ fronts }: Looking, { open, ...key }: { platform: string; service: string; open: Proxies }): OrGone =>
  (proxy) =>
  async (error) => {
    const isSilent = error instanceof BelayError && error.code === 'proxy-unreachable';
    if (!isSilent || !open.of(proxy).capabilities.managed) throw error;
    if (!fronts || (await fronts.containers({ ...key, proxy })).length > 0) throw error;
    throw new BelayError('proxy-refused', `proxy ${proxy} has no container for ${key.service}`, { cause: error });
  };

/** Servers that a managed proxy will have once the release configures it. */
function comingServers(
  adapter: ProxyAdapter,
  there: ProxyServer[],
  { proxy, backend }: DesiredRoute,
  { fronts = [], routes, instances }: DesiredService,
): Array<Pick<ProxyServer, 'server' | 'address' | 'state' | 'fixed' | 'weight' | 'chosen' | 'inFlight'>> {
  const isIt = (one: { backend: string }) => leadsBy(adapter, one.backend).includes(backend);
  const fronted = fronts.filter((one) => one.proxy === proxy).flatMap((one) => one.routes);
  const isOpen = adapter.capabilities.places === 'open' && routes.some((one) => one.proxy === proxy && isIt(one));
  const most = isOpen ? there.length + 2 * instances : (fronted.find(isIt)?.slots ?? 0);
  const names = Array.from({ length: most }, (_, index) => `s${index + 1}`);
  const missing = names.filter((name) => !there.some(({ server }) => server === name));
  return missing.map((server) => ({ server, address: '', state: 'maint' }));
}

/**
 * The serving set of each route that switches as a whole. The strategy, an existing map, or the proxy's kind decides
 * which routes do.
 */
async function observeSets(
  { strategy, routes }: DesiredService,
  open: Proxies,
  orGone: OrGone,
): Promise<ObservedSets[]> {
  const isNeeded = ({ proxy }: DesiredRoute) =>
    isSwitched({ strategy }) || open.of(proxy).capabilities.sets === 'always';
  const found = routes.map(async (route): Promise<ObservedSets[]> => {
    const { proxy, backend: key } = route;
    if (!isNeeded(route)) return await mapsAt([route], { open, orGone, isNone: isAbsent });
    const set = await setsOf(open(proxy), proxy)
      .observe(key)
      .catch(orGone(proxy))
      .catch((error: unknown) => {
        const { capabilities, setNames } = open.of(proxy);
        // The release starts this proxy.
        if (!capabilities.managed || !setNames || !isAbsent(error)) throw error;
        const [live, idle] = setNames(key);
        return { live, idle };
      });
    return [{ proxy, key, ...set }];
  });
  return (await Promise.all(found)).flat();
}

/** The serving sets by the proxies' maps, for routes with a map: the map stays when the strategy changes. */
async function mapsAt(
  routes: DesiredRoute[],
  { open, orGone, isNone }: { open: Proxies; orGone: OrGone; isNone(error: unknown): boolean },
): Promise<ObservedSets[]> {
  const found = routes.map(async ({ proxy, backend: key }): Promise<ObservedSets[]> => {
    const set = await open(proxy)
      .sets?.observe(key)
      .catch(orGone(proxy))
      .catch((error: unknown) => {
        if (!isNone(error)) throw error;
      });
    return set ? [{ proxy, key, ...set }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** True if the map knows the backend and sends it no requests. */
export const isIdleBackend = (open: Proxies, { proxy, key, live, idle }: ObservedSets, backend: string): boolean =>
  backend !== live && [idle, ...leadsBy(open.of(proxy), key)].includes(backend);

/** All backends of a route of this name: the backend itself and its two sets. */
const leadsBy = ({ setNames }: ProxyAdapter, backend: string): string[] => [backend, ...(setNames?.(backend) ?? [])];

/** A switched route leads to one of two sets; `own` lists backends where the route's revision may have been. */
function toBackends(route: DesiredRoute, { sets, own = [] }: { sets: ObservedSets[]; own?: string[] }): DesiredRoute[] {
  const found = sets.find(({ proxy, key }) => proxy === route.proxy && key === route.backend);
  const backends = [...own, ...(found ? [found.live, found.idle] : own.length > 0 ? [] : [route.backend])];
  return [...new Set(backends)].map((backend) => ({ ...route, backend }));
}

/** A revision's routes and proxies. A proxy that has moved since gets its own name for the old place. */
function reached(
  { proxyOf }: Pick<Deps, 'proxyOf'>,
  { number, desired, site }: Revision,
  present: Record<string, ProxySpec>,
) {
  const placeOf = (spec?: ProxySpec) => (spec ? proxyOf(spec).place : undefined);
  const moved = (name: string) => site?.proxies[name] && placeOf(site.proxies[name]) !== placeOf(present[name]);
  const nameOf = (name: string) => (present[name] && moved(name) ? `${name}@r${number}` : name);
  const proxies = Object.fromEntries(Object.entries(site?.proxies ?? {}).map(([name, spec]) => [nameOf(name), spec]));
  const routes = desired.routes.map((route) => ({ ...route, proxy: nameOf(route.proxy) }));
  const backendsOf = ({ proxy, backend }: DesiredRoute): string[] => {
    const { capabilities, setNames } = proxies[proxy] ? proxyOf(proxies[proxy]) : {};
    const isSet = isSwitched(desired) || capabilities?.sets === 'always';
    return (isSet && setNames?.(backend)) || [backend];
  };
  return { routes, proxies, backendsOf };
}

function byBackend(routes: DesiredRoute[]): DesiredRoute[][] {
  const firsts = routes.filter((route, index) => routes.findIndex(leadsTo(route)) === index);
  return firsts.map((first) => routes.filter(leadsTo(first)));
}

/** The slot of an instance at a server, by the instance's port that the server points at. */
export function slotOf(
  { proxy, backend, server, address, ports }: Server,
  instance: Pick<InstanceRef, 'name' | 'ports'>,
  open: Proxies,
): Slot | undefined {
  const port = ports.find((one) => address === addressOf(instance, one, open.of(proxy).capabilities));
  return port === undefined ? undefined : { proxy, backend, server, port };
}

/** Its strategy switches from one set of instances to another. */
const isSwitched = ({ strategy }: Pick<DesiredService, 'strategy'>): boolean =>
  strategyKind(strategy.kind).asks === 'switch';
