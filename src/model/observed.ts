import type { ProxySpec } from '../spec/spec';
import type { DesiredService } from './desired';
import type { Timings } from './plan';

/** What is on the host now, as the planner sees it: plain data, no addresses beyond reserved ports. */

/** An image pinned by what cannot move: a registry digest, or the engine's image id for one that exists only locally. */
export interface PinnedImage {
  /** As the user wrote it: `registry/shop/api:2.4.1`. */
  ref: string;
  /** `sha256:…`, the manifest's in the registry, or the image's own id where `local`. */
  digest: string;
  /** The image stands only on this engine; it cannot be pulled. */
  local: boolean;
  /** Of several under the digest, the one for this platform: `linux/amd64`. */
  platform?: string;
}

/** A place for an instance at a proxy: one server line of one backend, for one container port. */
export interface Slot {
  proxy: string;
  backend: string;
  server: string;
  /** The container port that the route leads to. */
  port: number;
}

export type Traffic = 'in' | 'draining' | 'out';

export interface ObservedInstance {
  /** The container's name: the instance's identity. */
  name: string;
  /** Among those of its revision, from 1; absent for what Compose started. */
  number?: number;
  /** The revision it was launched under; 0 for one that Compose started before Belay came. */
  revision: number;
  fingerprint: string;
  state: 'created' | 'running' | 'exited';
  /** Host port by container port, on 127.0.0.1. */
  ports: Record<string, number>;
  /** All TCP ports of the host that it publishes, at whatever address. */
  published: number[];
  /** The slots whose address is this instance's, at the routes of its own revision too. */
  slots: Slot[];
  /**
   * `out` when no route leads to it. `in`: it serves; one that is to stay does so on every route. Without routes, `in` while
   * it runs. `draining`: anything between.
   */
  traffic: Traffic;
  /** Servers that lead to it have another weight than the configuration gives them. */
  weighed?: true;
  /** Compose does not count it. */
  uncounted?: true;
  /** Compose would replace it: its labels are not what the Compose file leads to now. */
  outdated?: true;
}

/** Where a proxy's map leads to by a key: one of two sets of servers serves, the other one is idle. */
export interface ObservedSets {
  proxy: string;
  /** The route's backend, as the spec names it. */
  key: string;
  live: string;
  idle: string;
}

export interface ObservedFence {
  epoch: number;
  /** Absent when nobody holds the service. */
  owner?: { workflowId: string; runId: string };
}

export interface ObservedRevision {
  number: number;
  state: 'pending' | 'recorded' | 'abandoned';
  /** The revision that a rollback from this one goes to. */
  previous?: number;
  /** What was asked for then; no secrets. */
  desired: DesiredService;
  /** Of the release that recorded it. */
  timings?: Timings;
}

export interface ObservedService {
  fence: ObservedFence;
  /** The revision that the ledger's head names; absent before the first `record`. */
  head?: number;
  revisions: ObservedRevision[];
  /** One more than any number that the ledger has ever used. */
  nextRevision: number;
  instances: ObservedInstance[];
  /** Servers of the service's backends that no instance holds, in the order of the configuration. */
  freeSlots: Slot[];
  /** The greatest whole weight that the proxies of all its routes can give a server; absent where one of them gives all the same share. */
  heaviest?: number;
  /** Of routes that are switched as a whole. */
  sets?: ObservedSets[];
  /** Names of proxies of Belay's own that have containers for it, also where no revision leads through them any more. */
  standing?: string[];
}

export interface Observed {
  host: string;
  /** The engine's own id; an activity on another engine refuses. */
  engine: string;
  /** Ports of the reserved range that nothing uses, in ascending order. */
  freePorts: number[];
  /** Proxies by which instances of earlier revisions are reached, those of the spec among them. */
  proxies: Record<string, ProxySpec>;
  /** Names of proxies of earlier revisions that did not answer. */
  silent?: string[];
  /** New connections to a port of the host can be led to another one. */
  redirects?: boolean;
  services: Record<string, ObservedService>;
}
