import type { ProxyServer } from '../proxy';
import { type Addressing, ipAddressing } from './addressing';
import type { ServerStat, ServerState } from './parse';

/** A server of the port, with the details that the adapter needs to decide. */
export interface HaproxyServer extends ProxyServer {
  /** The proxy gives it new requests. */
  serving: boolean;
  inFlight: number;
  /** State of its checks, as `show servers state` has it. */
  state: ProxyServer['state'];
  /** Up, with no failed check since. */
  whole: boolean;
  /** The server of the same name in the wait backend, if there is one: it follows this one. */
  twin?: HaproxyServer;
  detail: ServerState;
}

/** Returns the backend for requests while no server of the other backend is up. */
export const waitName = (backend: string): string => `${backend}-wait`;

const PASSED = ['L4OK', 'L6OK', 'L7OK', 'PROCOK'];
const NOT_CHECKED_YET = ['', 'UNK', 'INI'];
const UP = [1, 2];

/** Merges `show stat` and `show servers state`; `old` is `show stat` of old workers, which only finish requests. */
export function mergeServers(
  { stats, states, old = [] }: { stats: ServerStat[]; states: ServerState[]; old?: ServerStat[] },
  addressing: Addressing = ipAddressing,
): HaproxyServer[] {
  return stats.flatMap((stat) => {
    const detail = states.find(({ backend, server }) => backend === stat.backend && server === stat.server);
    return detail ? [merge({ stat, detail, old: old.filter(sameInstance(stat)) }, addressing)] : [];
  });
}

function merge(
  { stat, detail, old }: { stat: ServerStat; detail: ServerState; old: ServerStat[] },
  addressing: Addressing,
): HaproxyServer {
  const state = addressing.isOut(detail) ? 'maint' : detail.draining ? 'drain' : 'ready';
  return {
    server: stat.server,
    address: addressing.shown(stat, detail),
    state,
    ...(addressing.isFixed(stat, detail) && { fixed: true as const }),
    check: check(stat, detail),
    inFlight: [stat, ...old].reduce((sum, { sessions, queued }) => sum + sessions + queued, 0),
    ...(detail.weight !== detail.initialWeight && { weight: detail.weight }),
    serving: state === 'ready' && detail.operation !== 0,
    whole: isWhole(stat, detail),
    detail,
  };
}

/** An old worker may still hold requests of the server's former instance: they do not count for this one. */
const sameInstance = (stat: ServerStat) => (other: ServerStat) =>
  other.backend === stat.backend && other.server === stat.server && other.address === stat.address;

/**
 * `checkStatus` alone may be the former occupant's: it outlives a change of address. A server that `stage` has put down
 * comes up only by checks of the present address. So `passing` needs the server up, in full health, and a passed check.
 */
function check(stat: ServerStat, detail: ServerState): ProxyServer['check'] {
  if (!detail.checkConfigured) return 'none';
  if (detail.unresolved && !detail.maintenance) return 'failing';
  if (!detail.checkActive || NOT_CHECKED_YET.includes(stat.checkStatus)) return 'pending';
  if (!PASSED.includes(stat.checkStatus)) return 'failing';
  return isWhole(stat, detail) ? 'passing' : 'pending';
}

const isWhole = (stat: ServerStat, detail: ServerState): boolean =>
  UP.includes(detail.operation) && stat.health === stat.rise + stat.fall - 1;

/** Joins each server with its twin: requests of both count, and a check of either counts for both. */
export const withTwins = (servers: HaproxyServer[], twins: HaproxyServer[]): HaproxyServer[] =>
  servers.map((server) => {
    const twin = twins.find((one) => one.server === server.server);
    if (!twin) return server;
    const same = twin.address === server.address;
    return {
      ...server,
      twin,
      inFlight: server.inFlight + (same ? twin.inFlight : 0),
      ...(same && { check: found(server, twin) }),
    };
  });

/**
 * The twin is checked more often before the admission, and not at all afterwards. Until then its result is the newer
 * one. An instance that was admitted by it counts as passing until its own check fails.
 */
function found(server: HaproxyServer, twin: HaproxyServer): ProxyServer['check'] {
  const { state, check, detail, whole } = server;
  if (check === 'none' || state === 'maint' || twin.state === 'maint') return check;
  if (detail.unresolved || twin.detail.ip !== detail.ip) return check;
  if (state === 'ready') return whole && detail.checkActive ? 'passing' : check;
  return twin.detail.checkActive && twin.check !== 'pending' ? twin.check : check;
}
