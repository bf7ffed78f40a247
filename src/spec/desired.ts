import type { PinnedImage } from './observed';
import type { Source } from './plan';
import type { ProxySpec, ReadyCheck, Smoke } from './spec';

/**
 * What the spec asks for once everything it leaves open is decided: images pinned, percentages counted, Compose's
 * defaults taken over. Values of the environment are not here, only a fingerprint of each (HMAC, key on the host).
 */
export interface DesiredService {
  service: string;
  /** Compose's project, where there is a Compose file: containers it started itself are found by it. */
  project?: string;
  image: PinnedImage;
  instances: number;
  /** Over the image digest, the config hash of Compose, the environment (env files included), ports, routes and stop policy: what runs is compared by it. */
  fingerprint: string;
  /** HMAC of each environment value, by name; tells a plan which ones changed. */
  environment: Record<string, string>;
  /** Container ports that need a host port: those of routes, checks and smoke tests. */
  ports: number[];
  routes: DesiredRoute[];
  strategy: DesiredRolling;
  ready?: DesiredCheck;
  drain: { deadline: number; at_deadline: 'proceed' | 'hold' | 'fail' };
  stop: StopPolicy;
  keep: number;
  on_failure: OnFailure;
  validate: Array<Omit<Smoke, 'port'> & { port: number }>;
  warnings: string[];
  /** Set when a revision that the host has kept is taken again: its configuration is copied, and its image is not looked up anew. */
  kept?: KeptRevision;
}

/** How a host's services are reached: what a spec says once for all of them. */
export interface Site {
  proxies: Record<string, ProxySpec>;
  /** Reserved loopback ports. */
  ports: { first: number; last: number };
}

export interface KeptRevision {
  revision: number;
  /** The revision that a rollback from the new one goes to. */
  previous?: number;
  /** Its image is not on the host any more, and is pulled again by its digest. */
  pull?: boolean;
  /** Containers that Compose started come back under their own names and ports. */
  instances?: Array<{ name: string; ports: Record<string, number> }>;
}

export type OnFailure = 'rollback' | 'hold' | 'leave';

/** Times in milliseconds. */
export interface StopPolicy {
  /** Absent: the one that the container itself asks for. */
  signal?: string;
  grace: number;
}

export interface DesiredRoute {
  proxy: string;
  backend: string;
  port: number;
}

export interface DesiredRolling {
  kind: 'rolling';
  surge: number;
  unavailable: number;
  pause_after?: number;
}

/** A readiness check whose http port is decided. Times in milliseconds. */
export type DesiredCheck = Omit<ReadyCheck, 'port'> & { port?: number };

export interface Desired extends Site {
  platform: string;
  source: Source;
  /** In the order of the spec. */
  services: DesiredService[];
}
