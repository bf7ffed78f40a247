import { BelayError } from '../../errors';
import { tick, ticksNow } from '../../hosts/ticks';
import type { NginxSpec } from '../../spec/proxies';
import type { Proxy, ProxyServer, Share } from '../proxy';
import { setNames } from '../sets';
import { bringAbout, type Changes } from './bring-about';
import { admitting, type Change, choosing, draining, removing, staging, weighing } from './changes';
import { keyOf, readList } from './files';
import { asLoaded, type Member, type Servers, serves } from './list';
import { mayHold, type Workers, workersOf } from './workers';

export interface NginxDeps {
  spec: NginxSpec;
  /** Runs one act at a time for a name, over all processes of the host. */
  lock: <T>(name: string, act: () => Promise<T>) => Promise<T>;
  /** Milliseconds within which nginx replaces its workers at a reload; 15 s where absent. */
  within?: number;
  /** Milliseconds for which a worker that leaves may still take a request of a client that was idle; 10 s where absent. */
  lingering?: number;
}

/** An nginx, and what guards its files. */
export interface Nginx {
  spec: NginxSpec;
  /** Guards the files. */
  changing: <T>(act: () => Promise<T>) => Promise<T>;
  /** Guards a reload, which takes longer than a change: changes that come meanwhile share the next one. */
  reloading: <T>(act: () => Promise<T>) => Promise<T>;
  within: number;
}

/**
 * Creates a proxy of the user's own nginx. It keeps the servers of each backend in a file that nginx includes, and
 * reloads nginx after a change of its server lines.
 */
export function nginxProxy({ spec, lock, within = 15_000, lingering = 10_000 }: NginxDeps): Proxy {
  const nginx: Nginx = {
    spec,
    changing: (act) => lock(`nginx:${spec.config}`, act),
    reloading: (act) => lock(`nginx reload:${spec.config}`, act),
    within,
  };
  const seek = async (backend: string, change: Change) => bringAbout(nginx, [[keyOf(backend), change]]);
  return {
    stage: async (ref, address) => seek(ref.backend, staging(ref, portOfHost(address))),
    admit: (ref) => seek(ref.backend, admitting(ref)),
    drain: (ref) => seek(ref.backend, draining(ref)),
    remove: (ref) => seek(ref.backend, removing(ref)),
    weigh: async (shares) => bringAbout(nginx, weighings(shares)),
    observe: (backend) => observe({ spec, lingering }, backend),
    // A member that drains has no server line any more.
    isSticky: async () => false,
    sets: {
      async observe(key) {
        const { live } = asLoaded(await readList(spec.config, key));
        const [blue, green] = setNames(key);
        return { live, idle: live === green ? blue : green };
      },
      choose: (key, backend) => bringAbout(nginx, [[key, choosing(backend)]]),
    },
  };
}

/** Returns one change for each list, as each reload loads all of them. */
function weighings(shares: Share[]): Changes {
  const keys = [...new Set(shares.map(({ backend }) => keyOf(backend)))];
  return keys.map((key) => [key, weighing(shares.filter(({ backend }) => keyOf(backend) === key))]);
}

/** Returns the servers as nginx has them, which a file that is not loaded yet does not show. */
async function observe(
  { spec, lingering }: Pick<Required<NginxDeps>, 'spec' | 'lingering'>,
  backend: string,
): Promise<ProxyServer[]> {
  const [list, workers, now] = await Promise.all([
    readList(spec.config, keyOf(backend)),
    workersOf(spec.pid),
    ticksNow(),
  ]);
  const servers = asLoaded(list);
  const own = servers.members.filter((one) => one.backend === backend);
  return await Promise.all(own.map((one) => seen(one, { servers, workers, settled: now - lingering / tick })));
}

interface Look {
  servers: Servers;
  workers: Workers;
  /** Members that left before it, in ticks since boot, get no request of idle clients any more. */
  settled: number;
}

async function seen(member: Member, look: Look): Promise<ProxyServer> {
  const { server, address, state, weight } = member;
  return {
    server,
    address,
    state,
    ...(!loopback.test(address) && { fixed: true as const }),
    check: 'none',
    inFlight: await holders(member, look),
    ...(weight !== undefined && { weight }),
  };
}

/** Returns the number of workers that may hold requests of the member, or send it some. */
async function holders(member: Member, { servers, workers: { current, leaving }, settled }: Look): Promise<number> {
  if (serves(servers, member)) return current.length + leaving.length;
  const { left } = member;
  if (left === undefined) return 0;
  const former = leaving.filter(({ start }) => start < left);
  if (left > settled) return former.length;
  const held = await Promise.all(former.map((worker) => mayHold(worker, member.address)));
  return held.filter(Boolean).length;
}

const loopback = /^127\.0\.0\.1:\d{1,5}$/;

function portOfHost(address: string): string {
  if (loopback.test(address) && Number(address.split(':')[1]) <= 65_535) return address;
  throw new BelayError('proxy-refused', `nginx cannot lead to ${address}`, {
    hint: 'an instance is reached at a port of 127.0.0.1',
  });
}
