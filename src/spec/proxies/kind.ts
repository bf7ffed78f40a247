/** All that the spec knows of a kind of proxy. */
export interface ProxyKind {
  capabilities: ProxyCapabilities;
  /** What to write in place of a key of a route, where the user's own configuration decides that. */
  instead: Partial<Record<RouteKey, string>>;
}

/** Keys of a route by which a proxy that Belay runs is configured. */
export const routeKeys = ['protocol', 'resend', 'sticky', 'client_address'] as const;
export type RouteKey = (typeof routeKeys)[number];

/** What a kind of proxy can do, as data: by this alone the rest of the program tells proxies apart. */
export interface ProxyCapabilities {
  /** `none`: no traffic comes through it. `fixed`: its members stand in a configuration. `open`: members are made when asked for. */
  places: 'none' | 'fixed' | 'open';
  /** It checks its members itself, and says what it found. */
  checks: boolean;
  /** Whether it tells how many requests an instance has in flight. */
  inFlight: 'counted' | 'unknown';
  /** The greatest whole weight of a member; absent: all members have the same share. */
  heaviest?: number;
  /** Two sets of members with one switch between them: `configured` where the user's configuration has them. */
  sets: 'never' | 'configured' | 'always';
  /** It finds an instance by a port of the host, or by its name on a network of both. */
  reaches: 'port' | 'name';
  /** Belay runs it. */
  managed: boolean;
}
