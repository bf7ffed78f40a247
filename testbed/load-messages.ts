export type LoadOptions = {
  /** Beginning of the URL, for example http://127.0.0.1:8080 */
  url: string;
  /** Clients with a connection each; 8 by default. */
  clients?: number;
  /** False closes the connection after each request; true by default. */
  keepAlive?: boolean;
  /** 'mixed' alternates GET and POST; 'GET' by default. */
  method?: 'GET' | 'POST' | 'mixed';
  /** Path of GETs; '/api/ping' by default. POSTs go to /echo, unless `post` has a path. */
  path?: string;
  /** Size of a POST's body; 2,000 by default. */
  bodyBytes?: number;
  /** Path and body of POSTs, in place of random bytes to /echo. */
  post?: { path: string; body: string };
  /** Milliseconds that a client waits for an answer; 10,000 by default. */
  timeout?: number;
  /** Limit for all clients together; none by default. */
  ratePerSecond?: number;
  /** The load ends by itself after this; 600 by default. */
  maxSeconds?: number;
};

/** Latencies are in milliseconds, of answered and failed requests alike. */
export type LoadSegment = {
  requests: number;
  failed: number;
  p50: number;
  p99: number;
  max: number;
  /** The longest time without a correct answer to any client, in milliseconds. */
  gap: number;
  /** Number of correct answers by version. */
  byVersion: Record<string, number>;
};

export type LoadReport = LoadSegment & { seconds: number; phases: Record<string, LoadSegment> };

export type LoadResult = LoadReport & {
  /** The first twenty, each with its time and phase. */
  failures: string[];
};
