/** A kind of proxy, as the spec sees it. */
export interface ProxyKind {
  capabilities: ProxyCapabilities;
  /** Hints for keys that the user's own configuration decides. */
  instead: Partial<Record<ForeignKey, string>>;
}

/** Route keys that configure a managed proxy. */
export const routeKeys = ['protocol', 'resend', 'sticky', 'client_address'] as const;
export type RouteKey = (typeof routeKeys)[number];
/** These, and the key of a service that does. */
export type ForeignKey = RouteKey | 'hold';

/** Capabilities of a kind of proxy, as data: the rest of the program tells proxies apart by these alone. */
export interface ProxyCapabilities {
  /**
   * `none`: no traffic passes through it. `fixed`: the configuration lists its members. `open`: members are added on
   * demand.
   */
  places: 'none' | 'fixed' | 'open';
  /** True if the proxy checks its members and reports the result. */
  checks: boolean;
  /**
   * `counted`: the proxy reports the requests in flight of an instance. `workers`: it reports how many of its workers
   * may hold some.
   */
  inFlight: 'counted' | 'workers' | 'unknown';
  /** The greatest weight of a member; absent if all members have the same share. */
  heaviest?: number;
  /** True if it can send chosen clients to certain members. */
  chooses: boolean;
  /** Two sets of members with one switch between them; `configured`: only if the user's configuration has them. */
  sets: 'never' | 'configured' | 'always';
  /** The proxy reaches an instance by a port of the host, or by name on a shared network. */
  reaches: 'port' | 'name';
  /** True if Belay runs the proxy. */
  managed: boolean;
}
