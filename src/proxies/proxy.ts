import type { ProxyCapabilities } from '../spec/proxies';

/** What the adapters need of the host. */
export interface ProxyDeps {
  /** BELAY_HOME. */
  home: string;
  /** One at a time for a name, over all processes of the host. */
  lock: <T>(name: string, act: () => Promise<T>) => Promise<T>;
}

/** One proxy of a spec, by its kind. */
export interface ProxyAdapter {
  capabilities: ProxyCapabilities;
  /** Tells proxies apart: two specs with the same place lead to the same proxy. */
  place: string;
  open(key: { platform: string; name: string }): Proxy;
  /** The backends of the two sets that a route's backend stands for; the first one serves until it is switched. Absent where there are none. */
  setNames?(backend: string): [string, string];
}

/** One server line of a backend, as the proxy shows it. */
export interface ProxyServer {
  /** The server's name within its backend. */
  server: string;
  /** `127.0.0.1:20001`; what the proxy would connect to. */
  address: string;
  /** ready: takes new requests. drain: none, those in flight go on. maint: out, its address means nothing. */
  state: 'ready' | 'drain' | 'maint';
  /** Its address stands in the configuration and is another host's: no instance can be put there. */
  fixed?: true;
  /** The proxy's own health check of its present address; `none` where the backend has none. */
  check: 'passing' | 'failing' | 'pending' | 'none';
  /** Requests in flight or queued, over all of the proxy's workers; absent where the proxy does not count them. */
  inFlight?: number;
  /** Set at run time, among the backend's servers; absent where it is the configuration's own. */
  weight?: number;
}

export interface ServerRef {
  backend: string;
  server: string;
}

/**
 * A balancer that brings traffic to instances. Every verb seeks a state and may be called again. A change returns once
 * the proxy has acted and its state would survive a restart. Throws BelayError `proxy-unreachable` when nobody answers,
 * `proxy-refused` with the proxy's own words when it says no.
 */
export interface Proxy {
  /** The server points at the address, out of traffic, its health checked by the proxy. */
  stage(server: ServerRef, address: string): Promise<void>;
  /** The server, staged before, takes new requests. */
  admit(server: ServerRef): Promise<void>;
  /** The server takes no new requests; those in flight go on. */
  drain(server: ServerRef): Promise<void>;
  /** The server is out and free for another instance, with the weight of the configuration. */
  remove(server: ServerRef): Promise<void>;
  /** The server's share among its backend's servers, from 1 to 256; the configuration's own where absent. */
  weigh(server: ServerRef, weight?: number): Promise<void>;
  /** The backend's servers in the order of the configuration. Throws `proxy-refused` for an unknown backend. */
  observe(backend: string): Promise<ProxyServer[]>;
  /** Clients of the backend stay with a server, also with one that drains: as soon as it is up. */
  isSticky(backend: string): Promise<boolean>;
  /** Absent where the proxy cannot switch all traffic from one backend to another at once. */
  sets?: ProxySets;
}

/** Two backends for one service, of which one serves: what leads to it is chosen by a key. */
export interface ProxySets {
  /** The backend that serves now, and the other one. Throws `proxy-refused` where nothing is chosen by that key. */
  observe(key: string): Promise<{ live: string; idle: string }>;
  /** All new requests go to the backend; those in flight end where they are. */
  choose(key: string, backend: string): Promise<void>;
}
