import type { DesiredService } from '../model/desired';
import type { ObservedInstance, Slot, Traffic, Weighed } from '../model/observed';
import { leadsTo } from '../plan/slots';
import type { RuntimeInstance } from '../runtimes/runtime';
import { isIdleBackend, type Routing, type Server, slotOf } from './observe-servers';

/** Returns the instances of a service with the servers that lead to them. */
export const placed = (all: RuntimeInstance[], routing: Routing, desired: DesiredService): ObservedInstance[] =>
  all.map((one) => instanceOf(one, routingTo(one, all, routing), desired));

/** Requests in flight to the instance, over all servers that lead to it; undefined if a proxy does not count them. */
export function inFlightOf(one: RuntimeInstance, { servers, open }: Routing): number | undefined {
  const own = servers.filter((server) => server.state !== 'maint' && slotOf(server, one, open) !== undefined);
  const counts = own.map(({ inFlight }) => inFlight);
  return counts.some((count) => count === undefined) ? undefined : counts.reduce((sum: number, one) => sum + one!, 0);
}

/** True if a server that takes requests leads to the instance. */
export const isReached = (one: RuntimeInstance, routing: Routing): boolean =>
  routing.servers.some((server) => {
    const slot = server.state === 'ready' ? slotOf(server, one, routing.open) : undefined;
    return slot !== undefined && !isIdleAt(routing, slot);
  });

/** No request reaches a set that is not chosen, nor the former single backend of two sets. */
const isIdleAt = ({ sets, open }: Routing, slot: Slot): boolean =>
  sets.some((set) => set.proxy === slot.proxy && isIdleBackend(open, set, slot.backend));

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
    return slot ? [{ slot, isReady: server.state === 'ready', weighed: weighedBy(server) }] : [];
  });
  const { name, number, revision, fingerprint, state, ports, published, compose } = one;
  const traffic = trafficOf(one, { own, routing, desired });
  const slots = own.map(({ slot }) => slot);
  const weighed = own.find((one) => one.weighed)?.weighed;
  const uncounted = revision > 0 && compose?.counted === false && { uncounted: true as const };
  const known = { name, ...(number !== undefined && { number }), revision, fingerprint, state, ports, published };
  const restarting = one.restarting && { restarting: true as const };
  return { ...known, ...restarting, slots, traffic, ...(weighed && { weighed }), ...uncounted };
}

const weighedBy = ({ weight, chosen }: Server): Weighed | undefined =>
  weight === undefined && !chosen ? undefined : { ...(weight !== undefined && { weight }), ...(chosen && { chosen }) };

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
  const isIdle = ({ slot }: { slot: Slot }) => isIdleAt(routing, slot);
  if (own.every(isIdle)) return own.every((one) => one.isReady) ? 'out' : 'draining';
  const ready = own.filter((one) => one.isReady && !isIdle(one));
  if (fingerprint !== desired.fingerprint) return ready.length > 0 ? 'in' : 'draining';
  const live = routing.routes.filter(
    ({ proxy, backend }) => !routing.sets.some((set) => set.proxy === proxy && set.idle === backend),
  );
  return live.every((route) => ready.some(({ slot }) => leadsTo(route)(slot))) ? 'in' : 'draining';
}
