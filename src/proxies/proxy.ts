import type { Listening } from '../model/listening';
import type { ProxyCapabilities } from '../spec/proxies';
import type { ClientMatch } from '../spec/strategies/match';

/** The host's services to adapters. */
export interface ProxyDeps {
  /** BELAY_HOME. */
  home: string;
  /** Runs one act at a time for a name, over all processes of the host. */
  lock: <T>(name: string, act: () => Promise<T>) => Promise<T>;
}

/** Adapter of one proxy of a spec, by its kind. */
export interface ProxyAdapter {
  capabilities: ProxyCapabilities;
  /** Identifies the proxy: two specs with the same place lead to the same proxy. */
  place: string;
  open(key: { platform: string; name: string }): Proxy;
  /** Returns the backends of a route's two sets; the first one serves until the first switch. Absent without sets. */
  setNames?(backend: string): [string, string];
}

/** One server line of a backend, as the proxy shows it. */
export interface ProxyServer {
  /** Name of the server within its backend. */
  server: string;
  /** Address that the proxy connects to: `127.0.0.1:20001`. */
  address: string;
  /** ready: takes new requests. drain: takes none, requests in flight go on. maint: out, its address has no meaning. */
  state: 'ready' | 'drain' | 'maint';
  /** The configuration fixes its address on another host: no instance can be put there. */
  fixed?: true;
  /** The proxy's own health check of its present address; `none` if the backend has none. */
  check: 'passing' | 'failing' | 'pending' | 'none';
  /**
   * Requests in flight or queued, over all of the proxy's workers, or the number of workers that may hold some: as its
   * capabilities say. Absent if the proxy does not tell.
   */
  inFlight?: number;
  /** Weight set at run time, among the backend's servers; absent if it is the configuration's own. */
  weight?: number;
  /** Chosen clients go there. */
  chosen?: true;
}

export interface ServerRef {
  backend: string;
  server: string;
}

/** A server's part among its backend's servers. */
export interface Share extends ServerRef {
  /** From 1 to 256; absent: the configuration's own. A proxy that chooses clients takes 0: nobody else goes there. */
  weight?: number;
  /** Chosen clients go there, and to others so marked, until the server leaves traffic. */
  chosen?: true;
}

/**
 * A balancer that brings traffic to instances. Every verb seeks a state and may be called again. A change returns once
 * the proxy has acted and its state would survive a restart. Throws BelayError `proxy-unreachable` if it does not
 * answer, and `proxy-refused` with the proxy's own words if it refuses.
 */
export interface Proxy {
  /** Points the server at the address, out of traffic, with the proxy's health check on. */
  stage(server: ServerRef, address: string): Promise<void>;
  /** Lets the server, staged before, take new requests. */
  admit(server: ServerRef): Promise<void>;
  /** Stops new requests to the server; those in flight go on. */
  drain(server: ServerRef): Promise<void>;
  /** Takes the server out and frees it for another instance, with the configuration's weight. */
  remove(server: ServerRef): Promise<void>;
  /** Sets the shares of all these servers; one out of traffic is not chosen. Loads changes together if it loads any. */
  weigh(shares: Share[]): Promise<void>;
  /** Returns the backend's servers in the order of the configuration. Throws `proxy-refused` for an unknown backend. */
  observe(backend: string): Promise<ProxyServer[]>;
  /** Tells if clients of the backend stay with a server, even with a draining one. */
  isSticky(backend: string): Promise<boolean>;
  /**
   * Returns what a person has to do before the backend can send these clients to certain servers; undefined if it can.
   * Absent if the proxy never can.
   */
  unchosen?(backend: string, match: ClientMatch): Promise<string | undefined>;
  /** Returns where it listens on this host for the backend alone; absent, or undefined, if that is not told. */
  listening?(backend: string): Promise<Listening | undefined>;
  /** Absent if the proxy cannot switch all traffic from one backend to another at once. */
  sets?: ProxySets;
}

/** Two backends for one service, one of which serves: a key chooses it. */
export interface ProxySets {
  /** Returns the backend that serves now, and the other one. Throws `proxy-refused` for a key that chooses none. */
  observe(key: string): Promise<{ live: string; idle: string }>;
  /** Sends all new requests to the backend; those in flight end where they are. */
  choose(key: string, backend: string): Promise<void>;
}
