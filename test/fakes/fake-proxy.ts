import { BelayError } from '../../src/errors';
import type { Proxy, ProxyServer, ServerRef } from '../../src/proxies/proxy';

type Verb = Exclude<keyof Proxy, 'sets' | 'isSticky' | 'unchosen'>;

export interface FakeProxyOptions {
  /** Server names by backend, in order; all begin in maintenance. */
  backends: Record<string, string[]>;
  /** Sets of servers, chosen by a key. */
  sets?: Record<string, { live: string; idle: string }>;
  /** Returns the state of a check at an address; passing by default. */
  check?: (address: string) => ProxyServer['check'];
  /** Backends whose clients stay with a server. */
  sticky?: string[];
  /** Requests in flight at an address; those set by `setInFlight` by default. */
  inFlight?: (address: string) => number;
}

export interface FakeProxy extends Proxy {
  /** The check of the server's present address says this from now on, until it is removed. */
  setCheck(ref: ServerRef, check: ProxyServer['check']): void;
  setInFlight(ref: ServerRef, count: number): void;
  /** The server as an operator would leave it, whatever the verbs allow. */
  set(ref: ServerRef, server: Partial<ProxyServer>): void;
  /** The next call of the verb throws, without effect. */
  failNext(verb: Verb, error: Error): void;
  /** Every verb throws `proxy-unreachable` while true. */
  unreachable(is: boolean): void;
  /** Which set of servers serves under a key. */
  chosen: Record<string, { live: string; idle: string }>;
  /** Every verb called so far, with its server: `admit api/s1`, `stage api/s1 127.0.0.1:20001`. */
  calls: string[];
}

type Server = ProxyServer & { set?: ProxyServer['check'] };

/** A proxy in memory that behaves as the real ones do; a check has its result at once. */
export function fakeProxy({
  backends,
  sets = {},
  check = () => 'passing',
  sticky = [],
  inFlight,
}: FakeProxyOptions): FakeProxy {
  const servers = new Map(Object.entries(backends).map(([name, names]) => [name, names.map(emptyServer)]));
  const failures: { verb: Verb; error: Error }[] = [];
  const calls: string[] = [];
  let away = false;

  const begin = (verb: Verb, ...words: string[]): void => {
    calls.push([verb, ...words].join(' '));
    if (away) throw new BelayError('proxy-unreachable', 'the proxy does not answer', { hint: 'Start it.' });
    const index = failures.findIndex((failure) => failure.verb === verb);
    if (index >= 0) throw failures.splice(index, 1)[0]!.error;
  };
  const find = (ref: ServerRef): Server => findServer(servers, ref);
  const look = ({ set, ...server }: Server): ProxyServer => {
    const checked = set ?? check(server.address);
    const seen = server.state === 'maint' && checked !== 'none' ? 'pending' : checked;
    return { ...server, check: seen, inFlight: inFlight?.(server.address) ?? server.inFlight };
  };

  const chosen: FakeProxy['chosen'] = { ...sets };
  return {
    calls,
    chosen,
    sets: {
      async observe(key) {
        if (!chosen[key]) throw refused(`nothing is chosen by ${key}`, 'Add a map.');
        return chosen[key];
      },
      async choose(key, backend) {
        calls.push(`choose ${key} ${backend}`);
        const { live, idle } = chosen[key]!;
        if (backend === idle) chosen[key] = { live: idle, idle: live };
      },
    },
    async stage(ref, address) {
      begin('stage', label(ref), address);
      place(ref, find(ref), look(find(ref)), address);
    },
    async admit(ref) {
      begin('admit', label(ref));
      if (find(ref).state === 'maint') throw refused(`${label(ref)} is in maintenance`, 'Stage it first.');
      find(ref).state = 'ready';
    },
    async drain(ref) {
      begin('drain', label(ref));
      const server = find(ref);
      delete server.chosen;
      if (server.state === 'ready') server.state = 'drain';
    },
    async remove(ref) {
      begin('remove', label(ref));
      Object.assign(find(ref), { state: 'maint', set: undefined, weight: undefined });
      delete find(ref).chosen;
    },
    async weigh(shares) {
      for (const { weight, chosen: isChosen, ...ref } of shares) {
        begin('weigh', label(ref), `${weight ?? 'as configured'}`, ...(isChosen ? ['chosen'] : []));
        const server = find(ref);
        server.weight = weight;
        if (isChosen && server.state === 'ready') server.chosen = true;
        else delete server.chosen;
      }
    },
    unchosen: async () => undefined,
    async observe(backend) {
      begin('observe', backend);
      return serversIn(servers, backend).map(look);
    },
    isSticky: async (backend) => sticky.includes(backend),
    setCheck: (ref, result) => Object.assign(find(ref), { set: result }),
    setInFlight: (ref, count) => Object.assign(find(ref), { inFlight: count }),
    set: (ref, values) => Object.assign(find(ref), values, values.check && { set: values.check }),
    failNext: (verb, error) => failures.push({ verb, error }),
    unreachable: (is) => {
      away = is;
    },
  };
}

function place(ref: ServerRef, server: Server, seen: ProxyServer, address: string): void {
  if (server.address === address && server.state !== 'maint') return;
  const busy =
    (server.state === 'ready' && seen.check !== 'failing') || (server.state === 'drain' && seen.inFlight! > 0);
  if (busy) throw refused(`${label(ref)} is in use at ${server.address}`, 'Drain and remove it first.');
  Object.assign(server, { address, state: 'drain', set: undefined });
}

function serversIn(servers: Map<string, Server[]>, backend: string): Server[] {
  const found = servers.get(backend);
  if (!found) throw refused(`no backend ${backend}`, "Compare the route's backend with the proxy's configuration.");
  return found;
}

function findServer(servers: Map<string, Server[]>, ref: ServerRef): Server {
  const found = serversIn(servers, ref.backend).find(({ server }) => server === ref.server);
  if (!found) throw refused(`backend ${ref.backend} has no server ${ref.server}`, 'Add servers to it.');
  return found;
}

const emptyServer = (server: string): Server => ({
  server,
  address: '127.0.0.1:8080',
  state: 'maint',
  check: 'pending',
  inFlight: 0,
});

const label = ({ backend, server }: ServerRef): string => `${backend}/${server}`;

const refused = (message: string, hint: string): BelayError => new BelayError('proxy-refused', message, { hint });
