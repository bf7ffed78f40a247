import type { DesiredService, Front, FrontRoute, PlannedService } from '../model/desired';
import { headOfPast } from '../model/head';
import type { ObservedInstance, ObservedService } from '../model/observed';
import type { InstanceRef } from '../model/plan';
import { isRemoval, takenAgain } from '../model/task';
import type { ClientAddress } from '../spec/spec';
import { createSlots, leadsTo } from './slots';

/** The ports of the host that managed proxies share with containers that Compose started, while both exist. */
export interface Lending {
  /**
   * `take`: Compose's containers go, and the proxies have the ports afterwards. `give`: the containers return to their
   * ports.
   */
  way: 'take' | 'give';
  /**
   * Names of the proxies that lend their ports. Each lends all of them, so that its containers with and without ports
   * can run side by side.
   */
  proxies: string[];
  /** All of the service's fronts, with the ports. */
  whole: Front[];
  /** The same fronts without the ports: on stand-in ports, to which the kernel leads new connections, or on none. */
  lent: Front[];
  /** Ports of the host. */
  ports: number[];
  /** Names of Compose's containers that publish the ports. */
  holders: string[];
  /** True if the kernel redirects new connections, so that the ports answer at every moment. */
  redirected: boolean;
}

export interface LendingInput {
  desired: PlannedService;
  observed: ObservedService;
  redirects: boolean;
  takePort: () => number;
}

/** Returns the lending; undefined if no port moves between Compose's containers and a proxy. */
export function lendingOf({ desired, observed, redirects, takePort }: LendingInput): Lending | undefined {
  const way = desired.fronts ? 'take' : 'give';
  const whole = desired.fronts ?? leftoverFronts(observed);
  const composed = observed.instances.filter(isComposed);
  const isUp = ({ name }: { name: string }) => composed.some((one) => one.name === name);
  // A running container still has its port, so no proxy has to give that back.
  const found = way === 'take' ? composed : (takenAgain(desired)?.instances ?? []).filter((one) => !isUp(one));
  const wanted = whole.flatMap(({ routes }) => routes.flatMap(({ hostPort }) => hostPort ?? []));
  const holders = found.filter(({ published }) => published.some((port) => wanted.includes(port)));
  const held = holders.flatMap(({ published }) => published);
  const ports = wanted.filter((port) => held.includes(port));
  if (ports.length === 0) return undefined;
  const lend = (route: FrontRoute): FrontRoute => {
    const { hostPort, ...rest } = route;
    if (hostPort === undefined) return route;
    return redirects ? { ...rest, hostPort: takePort(), redirectFrom: hostPort } : rest;
  };
  const lenders = whole.filter(({ routes }) => routes.some(({ hostPort = 0 }) => ports.includes(hostPort)));
  const lent = whole.map((front) => (lenders.includes(front) ? { ...front, routes: front.routes.map(lend) } : front));
  const proxies = lenders.map(({ proxy }) => proxy);
  return { way, proxies, whole, lent, ports, holders: holders.map(({ name }) => name), redirected: redirects };
}

/** Returns the ports of the reserved range on which proxies answer meanwhile. */
export const standIns = ({ lent }: Lending): number[] =>
  lent.flatMap(({ routes }) =>
    routes.flatMap(({ hostPort, redirectFrom }) => (redirectFrom && hostPort ? hostPort : [])),
  );

/** True if clients at the instance's host port reach the proxy instead of the instance. */
export const isLedPast = (lending: Lending | undefined, { ports }: Pick<InstanceRef, 'ports'>): boolean =>
  lending?.redirected === true && Object.values(ports).some((port) => lending.ports.includes(port));

type Past = Pick<ObservedService, 'head' | 'revisions'>;

/** Returns the fronts that the ledger's head has on the proxies; none if the service was removed. */
export function formerFronts(past: Past): Front[] {
  const before = headOfPast(past);
  return before && !isRemoval(before) ? (before.desired.fronts ?? []) : [];
}

/**
 * Returns warnings for ports that a running proxy gives up. It takes its new ports at once, before anything new is
 * ready, so clients of the former ones fail.
 */
export function leftPortWarnings({ fronts = [] }: DesiredService, past: Past): string[] {
  return formerFronts(past).flatMap(({ proxy, routes: before }) => {
    const ports = fronts.find((one) => one.proxy === proxy)?.routes.map(({ port }) => port);
    const left = before.flatMap(({ port }) => (!ports || ports.includes(port) ? [] : port));
    if (left.length === 0) return [];
    return [
      `proxy ${proxy} stops answering on port ${left.join(', ')} before anything of this release is ready: calls to the service there fail from then on, also during a rollback`,
    ];
  });
}

/** Returns the former fronts, and the fronts of releases that never ended. */
export function leftoverFronts(past: Past): Front[] {
  const begun = past.revisions.flatMap(({ state, desired }) => (state === 'pending' ? (desired.fronts ?? []) : []));
  const all = [...formerFronts(past), ...begun];
  return all.filter((one, index) => all.findIndex(({ proxy }) => proxy === one.proxy) === index);
}

const isComposed = ({ revision, state }: ObservedInstance): boolean => revision === 0 && state === 'running';

/**
 * Returns the service with Compose's containers among the servers of a managed proxy. They count as in traffic, so a
 * strategy drains them and brings them back as any other instance. A container without enough free servers stays as it
 * was.
 */
export function withAdopted(desired: DesiredService, observed: ObservedService): ObservedService {
  if ((observed.head ?? 0) !== 0 || !desired.fronts) return observed;
  const routes = liveRoutes(desired, observed);
  const slots = createSlots(observed.freeSlots);
  const instances = observed.instances.map((one): ObservedInstance => {
    const missing = routes.filter((route) => !one.slots.some(leadsTo(route)));
    const place = isComposed(one) ? slots.take(missing, one.name) : undefined;
    return place ? { ...one, slots: [...one.slots, ...place.slots], traffic: 'in' } : one;
  });
  const taken = instances.flatMap((one) => one.slots);
  const isTaken = (slot: (typeof taken)[number]) =>
    taken.some((one) => leadsTo({ ...one, port: 0 })(slot) && one.server === slot.server);
  return { ...observed, instances, freeSlots: observed.freeSlots.filter((slot) => !isTaken(slot)) };
}

/** Returns the containers of Compose that have servers at a managed proxy. */
export const adoptedOf = ({ fronts }: DesiredService, { instances, head }: ObservedService): ObservedInstance[] =>
  fronts && (head ?? 0) === 0 ? instances.filter((one) => isComposed(one) && one.slots.length > 0) : [];

/** Returns the routes of managed proxies, each with the set that serves. */
const liveRoutes = ({ routes, fronts = [] }: DesiredService, { sets = [] }: ObservedService) =>
  routes
    .filter(({ proxy }) => fronts.some((front) => front.proxy === proxy))
    .map((route) => {
      const set = sets.find(({ proxy, key }) => proxy === route.proxy && key === route.backend);
      return { ...route, backend: set?.live ?? route.backend };
    });

const minute = 60_000;
/** Longest time that a proxy's container takes to start, in milliseconds. */
const begins = 20_000;

/** Returns the warnings for a move of ports or names between Compose's containers and a proxy. */
export function takeOverWarnings(input: {
  desired: DesiredService;
  observed: ObservedService;
  lending?: Lending;
}): string[] {
  const { desired, observed, lending } = input;
  const adopted = adoptedOf(desired, observed);
  return [...(lending ? portWarnings(desired, lending) : []), ...(adopted.length > 0 ? [nameWarning] : [])];
}

function portWarnings({ stop, ready, fronts }: DesiredService, { way, ports, holders, redirected }: Lending): string[] {
  const port = `port ${ports.join(', ')}`;
  if (redirected)
    return way === 'take'
      ? [
          `${port} goes from ${holders.join(', ')} to the proxy without a gap; from then on connections come from the proxy, and ${clientWords(fronts, ports)}`,
        ]
      : [];
  const longest = way === 'take' ? stop.grace + begins : begins + (ready ? ready.grace + ready.within : minute);
  const until = way === 'take' ? 'the proxy publishes it' : `${holders.join(', ')} is ready`;
  const from = way === 'take' ? `${holders.join(', ')} is asked to stop` : 'the proxy gives it back';
  return [
    `${port} does not answer from when ${from} until ${until}: for ${longest / 1000} s at most, usually for one or two; without a gap it goes where the worker is root beside the engine, with iptables and ip6tables`,
  ];
}

/** Returns how the service learns its client's address, once the proxy connects in the client's place. */
function clientWords(fronts: Front[] = [], ports: number[]): string {
  const lent = fronts.flatMap(({ routes }) => routes).filter(({ hostPort }) => ports.includes(hostPort ?? 0));
  const told = lent.map(
    ({ clientAddress, protocol }) => clientAddress ?? (protocol === 'tcp' ? 'none' : 'forwarded-for'),
  );
  return [...new Set(told)].map((one) => clientPhrases[one]).join(', or ');
}

const clientPhrases: Record<ClientAddress, string> = {
  'forwarded-for': 'X-Forwarded-For says who the client is',
  'proxy-protocol': 'the PROXY protocol says who the client is',
  none: 'nothing says who the client is, unless the route has client_address',
};

const nameWarning =
  'the names of containers that Compose started lead to them until they have stopped. A client between services that tries one address only may be refused';
