import type { ProxySpec } from '../spec/spec';
import type { DesiredService, Task } from './desired';
import type { Listening } from './listening';
import type { PlacedRef, Timings } from './plan';

/** The current state of the host as the planner sees it: plain data, without addresses other than reserved ports. */

/** A slot for an instance at a proxy: one server line of one backend, for one container port. */
export interface Slot {
  proxy: string;
  backend: string;
  server: string;
  /** The container port that the route leads to. */
  port: number;
}

/** The time of the start of an instance that has not started yet, as Docker writes it. */
export const neverStarted = '0001-01-01T00:00:00Z';

export type Traffic = 'in' | 'draining' | 'out';

/** A share of the traffic: a weight from 0 to 256, and true for `chosen` where chosen clients go. */
export interface Weighed {
  /** Absent: the configured weight. */
  weight?: number;
  chosen?: true;
}

export interface ObservedInstance {
  /** The container's name, which identifies the instance. */
  name: string;
  /** Position within its revision, from 1; absent for adopted containers. */
  number?: number;
  /** The revision of the launch; 0 for a container that Compose started before the first release. */
  revision: number;
  fingerprint: string;
  state: 'created' | 'running' | 'exited';
  /** Set if it has ended, and the engine is about to start it again. */
  restarting?: true;
  /** Host port by container port, on 127.0.0.1. */
  ports: Record<string, number>;
  /** All TCP ports of the host that the instance publishes, at any address. */
  published: number[];
  /** The slots whose server points at this instance, including routes of its own revision. */
  slots: Slot[];
  /**
   * `in`: the instance is in traffic, and an instance to keep is so on every route. `out`: no route leads to it.
   * `draining`: anything between. Without routes, a running instance is `in`.
   */
  traffic: Traffic;
  /** The share of its servers, if it differs from the one that the configuration gives them. */
  weighed?: Weighed;
  /** Set if the instance stands in the idle set: it has to go whatever it runs. */
  isIdle?: true;
  /** Set if Compose does not count the instance. */
  uncounted?: true;
  /** Set if Compose would replace the instance: its labels differ from the current Compose file. */
  outdated?: true;
}

/** The set that a proxy's map sends requests to, by key; the other set is idle. */
export interface ObservedSets {
  proxy: string;
  /** The route's backend, as the spec names it. */
  key: string;
  live: string;
  idle: string;
}

export interface ObservedFence {
  epoch: number;
  /** Absent if no workflow has claimed the service. */
  owner?: { workflowId: string; runId: string };
}

export interface ObservedRevision {
  number: number;
  state: 'pending' | 'recorded' | 'abandoned';
  /** The revision that a rollback from this one goes to. */
  previous?: number;
  /** The requested service; holds no secrets. */
  desired: DesiredService;
  /** The task of the release that made the revision. */
  task: Task;
  /** Names of its jobs that have begun. */
  ranJobs?: string[];
  /** Durations in the release that recorded the revision. */
  timings?: Timings;
}

export interface ObservedService {
  fence: ObservedFence;
  /** The ledger's head revision; absent before the first `record`. */
  head?: number;
  revisions: ObservedRevision[];
  /** The next revision number: one above the highest that the ledger ever used. */
  nextRevision: number;
  instances: ObservedInstance[];
  /** Instances that somebody removed, by the servers that still lead to them. */
  lost?: PlacedRef[];
  /** Servers of the service's backends without an instance, in the order of the configuration. */
  freeSlots: Slot[];
  /** The greatest weight that the proxies of all its routes accept; absent if one of them has no weights. */
  heaviest?: number;
  /** A backend that does not choose clients as the strategy asks for, and what to do there. */
  unchosen?: { proxy: string; backend: string; todo: string };
  /** Where proxies of the user's own listen for its routes, as far as their configuration tells. */
  listening?: Array<Listening & { proxy: string; backend: string }>;
  /** Sets of the routes that switch as a whole. */
  sets?: ObservedSets[];
  /** Names of managed proxies with containers for the service, including proxies that no revision uses any more. */
  standing?: string[];
}

export interface Observed {
  host: string;
  /** The engine's own id; an activity on another engine refuses to act. */
  engine: string;
  /** Unused ports of the reserved range, in ascending order. */
  freePorts: number[];
  /** Proxies of the spec, and of earlier revisions with instances. */
  proxies: Record<string, ProxySpec>;
  /** Names of former proxies that did not answer. */
  silent?: string[];
  /** True if a release of any service of the platform stands recorded. */
  released?: boolean;
  /** True if the host can redirect new connections from one port to another. */
  redirects?: boolean;
  services: Record<string, ObservedService>;
}
