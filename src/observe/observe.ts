import { BelayError } from '../errors';
import { hints } from '../hints';
import type { Deps } from '../host';
import { readFence } from '../hosts/fence';
import type { ServiceKey } from '../hosts/home';
import { hmacKey } from '../hosts/machine';
import { claimedPorts } from '../hosts/port-claims';
import { freeLoopbackPorts } from '../hosts/ports';
import type { Revision } from '../hosts/revision';
import { isStopping } from '../hosts/stops';
import type { DesiredService } from '../model/desired';
import { engineText } from '../model/engines';
import type { Observed, ObservedInstance, ObservedService, Slot, Traffic } from '../model/observed';
import type { PlacedRef } from '../model/plan';
import { leadsTo } from '../plan/slots';
import { runtimesIn } from '../revisions/runtimes-in';
import { markOf } from '../runtimes/fingerprint';
import type { Expectations, RuntimeInstance } from '../runtimes/runtime';
import type { ProxySpec } from '../spec/proxies';
import { history } from './history';
import { isIdleBackend, observeRouting, type Routing, type Server, slotOf } from './observe-servers';
import { proxiesIn } from './proxy-images';

export interface ObserveRequest {
  platform: string;
  services: DesiredService[];
  proxies: Record<string, ProxySpec>;
  ports: { first: number; last: number };
  /** Another tool's expectations by its current files. */
  expectations?: Expectations;
}

/** The current state of the host. Changes nothing. */
export async function observe(deps: Deps, question: ObserveRequest): Promise<Observed> {
  const runtimes = runtimesIn(deps, question.services);
  const [free, published, claimed] = await Promise.all([
    freeLoopbackPorts(question.ports),
    Promise.all(runtimes.map((one) => one.publishedPorts())).then((all) => all.flat()),
    claimedPorts(deps),
  ]);
  const services = await Promise.all(
    question.services.map(
      async (one) => [one.service, await observeService(deps, { ...question, published }, one)] as const,
    ),
  );
  const inUse = new Set(
    services.flatMap(([, { seen }]) =>
      [...seen.instances, ...(seen.lost ?? [])].flatMap(({ ports }) => Object.values(ports)),
    ),
  );
  return {
    host: deps.host,
    engine: engineText(await Promise.all(runtimes.map((one) => one.identity()))),
    freePorts: free.filter((port) => !published.includes(port) && !claimed.has(port) && !inUse.has(port)),
    proxies: Object.assign({}, ...services.map(([, one]) => one.proxies)),
    silent: [...new Set(services.flatMap(([, one]) => [...one.silent]))],
    ...(Object.values(question.proxies).some((spec) => deps.proxyOf(spec).capabilities.managed) && {
      redirects: await deps.fronts.redirects.possible(),
    }),
    services: Object.fromEntries(services.map(([name, { seen }]) => [name, seen])),
  };
}

async function observeService(
  deps: Deps,
  { platform, proxies, ports, published, expectations }: ObserveRequest & { published: number[] },
  desired: DesiredService,
): Promise<{ seen: ObservedService } & Pick<Routing, 'proxies' | 'silent'>> {
  const { service, project } = desired;
  const ledger = deps.ledger.of({ platform, service });
  const [head, revisions] = [await ledger.head(), await ledger.revisions()];
  const runtimes = runtimesIn(deps, [desired, ...revisions.map((one) => one.desired)]);
  const found = await Promise.all(runtimes.map((one) => one.observe({ platform, service, project })));
  const seen = await hashesHidden(deps, found.flat());
  refuseOwnTemporal(deps, service, seen);
  const former = revisions.filter(
    ({ number, state }) => number === head || state === 'pending' || seen.some((one) => one.revision === number),
  );
  const routing = await observeRouting(deps, { platform, desired, proxies, revisions, former });
  const { servers } = routing;
  const settled = await Promise.all(seen.map((one) => withoutStopping(deps, one)));
  const isOutdated = (await expectations?.outdated(desired)) ?? (() => false);
  const instances = settled.map((one) => ({
    ...instanceOf(one, routingTo(one, settled, routing), desired),
    ...(isOutdated(one) && { outdated: true as const }),
  }));
  const lost = [...lostAtPorts(servers, { platform, desired, ports, published }), ...lostByName(routing, seen)];
  const { epoch, owner } = await readFence({ home: deps.home, platform, service });
  refuseUnknownServers({ instances, lost, servers }, desired);
  return {
    proxies: routing.proxies,
    silent: routing.silent,
    seen: {
      fence: { epoch, owner },
      ...(await history(deps, { head, revisions, seen, desired })),
      nextRevision: await ledger.nextNumber(),
      instances,
      ...(lost.length > 0 && { lost }),
      freeSlots: freeSlots(routing),
      ...heaviestOf(routing),
      sets: routing.sets,
      standing: await standing(deps, { platform, service }, revisions),
    },
  };
}

async function standing({ fronts }: Deps, key: ServiceKey, revisions: Revision[]): Promise<string[]> {
  const found = proxiesIn(revisions).map(async (proxy) =>
    (await fronts.containers({ ...key, proxy })).length > 0 ? [proxy] : [],
  );
  return (await Promise.all(found)).flat();
}

/** Replaces Compose's own hash by a mark: it covers the environment and needs no key. */
async function hashesHidden({ home }: Deps, seen: RuntimeInstance[]): Promise<RuntimeInstance[]> {
  const key = await hmacKey(home);
  return seen.map((one) => (one.revision === 0 ? { ...one, fingerprint: markOf(one.fingerprint, key) } : one));
}

/** Throws where the service runs Temporal itself: the release would stop its own server halfway. */
function refuseOwnTemporal({ temporal }: Deps, service: string, seen: RuntimeInstance[]): void {
  const { hostname, port } = new URL(`tcp://${temporal.address}`);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (!isHere || !seen.some((one) => Object.values(one.ports).includes(Number(port)))) return;
  throw new BelayError(
    'spec-invalid',
    `services.${service}: is the Temporal server at ${temporal.address} that runs this release`,
    {
      hint: `take ${service} out of belay.yaml and leave it to Compose; or ${hints().anotherTemporal}`,
    },
  );
}

/** Marks an instance that a terminated release asked to stop: it still runs, and may stop at any time. */
async function withoutStopping(deps: Deps, one: RuntimeInstance): Promise<RuntimeInstance> {
  return (await isStopping(deps, one.name)) ? { ...one, state: 'exited' } : one;
}

/**
 * Throws where a server in traffic points elsewhere than at a published port of the adopted containers. Belay could not
 * drain such a server before its container stops.
 */
function refuseUnknownServers(
  { instances, lost, servers }: { instances: ObservedInstance[]; lost: PlacedRef[]; servers: Server[] },
  { service }: DesiredService,
): void {
  if (!instances.some((one) => one.revision === 0 && one.state === 'running' && one.slots.length === 0)) return;
  const slots = [...instances, ...lost].flatMap((one) => one.slots);
  const known = new Set(slots.map(({ backend, server }) => `${backend}/${server}`));
  const foreign = servers.filter(
    ({ state, backend, server }) => state === 'ready' && !known.has(`${backend}/${server}`),
  );
  if (foreign.length === 0) return;
  const list = foreign.map(({ backend, server, address }) => `${backend}/${server} at ${address}`).join(', ');
  throw new BelayError(
    'preflight-failed',
    `${service}: the proxy leads to ${list}, and nothing of ${service} listens there`,
    {
      hint: 'let each server line name 127.0.0.1 and a port of an instance; a container has to publish it there',
    },
  );
}

/** The smallest of the proxies' greatest weights; absent if one proxy has no weights. */
function heaviestOf({ routes, open }: Routing): Pick<ObservedService, 'heaviest'> {
  const each = routes.map(({ proxy }) => open.of(proxy).capabilities.heaviest ?? 0);
  const heaviest = Math.min(...each);
  return heaviest > 0 && each.length > 0 ? { heaviest } : {};
}

/** Free servers at the spec's own routes. */
function freeSlots({ servers, routes }: Routing): Slot[] {
  const free = servers.filter((one) => one.state === 'maint' && !one.fixed);
  return free.flatMap(({ proxy, backend, server }) => {
    const route = routes.find((one) => leadsTo(one)({ proxy, backend }));
    return route ? [{ proxy, backend, server, port: route.port }] : [];
  });
}

/** A server leads to the instance that runs: one that has ended may have had the same address before. */
function routingTo(one: RuntimeInstance, all: RuntimeInstance[], routing: Routing): Routing {
  if (one.state === 'running') return routing;
  const running = all.filter(({ state }) => state === 'running');
  const isTaken = (server: Server) => running.some((other) => slotOf(server, other, routing.open) !== undefined);
  return { ...routing, servers: routing.servers.filter((server) => !isTaken(server)) };
}

function instanceOf(one: RuntimeInstance, routing: Routing, desired: DesiredService): ObservedInstance {
  const own = routing.servers.flatMap((server) => {
    const slot = server.state === 'maint' ? undefined : slotOf(server, one, routing.open);
    return slot ? [{ slot, isReady: server.state === 'ready', weighed: server.weight !== undefined }] : [];
  });
  const { name, number, revision, fingerprint, state, ports, published, compose } = one;
  const traffic = trafficOf(one, { own, routing, desired });
  const slots = own.map(({ slot }) => slot);
  const weighed = own.some((one) => one.weighed) ? { weighed: true as const } : {};
  const uncounted = revision > 0 && compose?.counted === false && { uncounted: true as const };
  const known = { name, ...(number !== undefined && { number }), revision, fingerprint, state, ports, published };
  return { ...known, slots, traffic, ...weighed, ...uncounted };
}

interface Reached {
  own: Array<{ slot: Slot; isReady: boolean }>;
  routing: Routing;
  desired: DesiredService;
}

/**
 * An instance to be replaced counts as in traffic while any server points at it. An instance to keep counts once all of
 * its routes do.
 */
function trafficOf({ state, revision, fingerprint }: RuntimeInstance, { own, routing, desired }: Reached): Traffic {
  const routes = routing.routesOf(revision);
  if (own.length === 0) {
    // Without a proxy in front, people may reach an adopted container directly. It counts as in traffic until its
    // replacement takes over.
    const direct = revision === 0 || routes.length === 0 || routes.some(({ proxy }) => routing.silent.has(proxy));
    return direct && state === 'running' ? 'in' : 'out';
  }
  // No request reaches a set that is not chosen, nor the former single backend of two sets.
  const isIdle = ({ slot }: { slot: Slot }) =>
    routing.sets.some((set) => set.proxy === slot.proxy && isIdleBackend(routing.open, set, slot.backend));
  if (own.every(isIdle)) return own.every((one) => one.isReady) ? 'out' : 'draining';
  const ready = own.filter((one) => one.isReady && !isIdle(one));
  if (fingerprint !== desired.fingerprint) return ready.length > 0 ? 'in' : 'draining';
  const live = routing.routes.filter(
    ({ proxy, backend }) => !routing.sets.some((set) => set.proxy === proxy && set.idle === backend),
  );
  return live.every((route) => ready.some(({ slot }) => leadsTo(route)(slot))) ? 'in' : 'draining';
}

interface Lost {
  desired: DesiredService;
  /** Ports of all containers: a server may point at another service's instance by now. */
  published: number[];
}

/**
 * Returns the instances that somebody removed by hand. Servers still point at their ports, of the reserved range or of
 * the service's own. The release frees these servers.
 */
function lostAtPorts(
  servers: Server[],
  { platform, desired, ports, published }: Pick<ObserveRequest, 'platform' | 'ports'> & Lost,
): PlacedRef[] {
  const own = (port: number) => (port >= ports.first && port <= ports.last) || desired.hostPorts?.includes(port);
  return servers.flatMap((one) => {
    const { address, state, backend, server } = one;
    const port = Number(address.split(':').at(-1));
    if (state === 'maint' || !address.startsWith('127.0.0.1:') || !own(port) || published.includes(port)) return [];
    const slot = lostSlot(one);
    return {
      name: `${platform}-${desired.service}-lost-${backend}-${server}`,
      ports: { [slot.port]: port },
      slots: [slot],
    };
  });
}

/** Returns the removed instances, by servers that still point at their names. */
function lostByName({ servers, open }: Routing, seen: RuntimeInstance[]): PlacedRef[] {
  const named = servers.filter(
    ({ proxy, state }) => open.of(proxy).capabilities.reaches === 'name' && state !== 'maint',
  );
  const nameOf = ({ address }: Server) => address.split(':')[0]!;
  const names = new Set(named.map(nameOf));
  for (const { name } of seen) names.delete(name);
  return [...names].map((name) => ({
    name,
    ports: {},
    slots: named.filter((one) => nameOf(one) === name).map(lostSlot),
  }));
}

const lostSlot = ({ proxy, backend, server, ports }: Server): Slot => ({ proxy, backend, server, port: ports[0]! });
