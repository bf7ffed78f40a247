import type { NeedKind } from '../spec/checks';
import type { ClientAddress, ProxySpec, ReadyCheck, Resend, Smoke, Sticky } from '../spec/spec';
import type { PinnedImage } from './observed';
import type { Source } from './plan';

/**
 * What the spec asks for once everything it leaves open is decided: images pinned, percentages counted, Compose's
 * defaults taken over. Values of the environment are not here, only a fingerprint of each (HMAC, key on the host).
 */
export interface DesiredService {
  service: string;
  /** Compose's project, where there is a Compose file: containers it started itself are found by it. */
  project?: string;
  /** How `docker compose up` sees it, where a Compose file has it. */
  compose?: ComposeView;
  image: PinnedImage;
  /** The image that the files name, where the release was given another version of it. */
  written?: string;
  instances: number;
  /** How many the files ask for, where the release was given another number. */
  writtenInstances?: number;
  /** Over everything that the engine is told, routes and the content of files: what runs is compared by it. */
  fingerprint: string;
  /** The number of the formula that the fingerprint is made by; the first where absent. */
  formula?: number;
  /** A mark of each part that the fingerprint is over: tells a plan what changed. */
  parts?: Record<string, string>;
  /** It is the same version once more: the fingerprint that it had before. */
  again?: { of: string };
  /** HMAC of each environment value, by name; tells a plan which ones changed. */
  environment: Record<string, string>;
  /** Container ports that need a host port: those of routes, checks and smoke tests. */
  ports: number[];
  routes: DesiredRoute[];
  strategy: DesiredStrategy;
  ready?: DesiredCheck;
  drain: { deadline: number; at_deadline: 'proceed' | 'hold' | 'fail' };
  stop: StopPolicy;
  keep: number;
  on_failure: OnFailure;
  validate: DesiredSmoke[];
  warnings: string[];
  /** Services of the spec that come before it, by Compose's depends_on and by needs. */
  after?: ServiceDependency[];
  /** Compose services outside of the spec that it depends on; never touched, only looked at. */
  requires?: ServiceDependency[];
  /** What has to answer before it is released. */
  needs?: DesiredNeed[];
  /** It writes to a volume: no other service's failure takes it back. */
  stateful?: boolean;
  /** Tools that lead requests to its instances past any proxy that Belay knows of, such as Traefik by its labels. */
  leaders?: string[];
  /** What proxies that Belay runs serve for it. */
  fronts?: Front[];
  /** Its own fingerprint, where the other one is over those of services that it restarts with. */
  own?: string;
  /** The spec does not name it any more: it is drained and stopped. */
  removed?: boolean;
  /** Set when a revision that the host has kept is taken again: its configuration is copied, and its image is not looked up anew. */
  kept?: KeptRevision;
}

/** What `docker compose up` expects of a service, by its file as it stands. */
export interface ComposeView {
  /** How many containers of it there are to be. */
  scale: number;
  /** The image that the file names: by the name under which this engine has it, or as a registry has it. */
  image: string | PinnedImage;
  /** Another platform's image of that name is as good as none. */
  platform?: string;
}

export interface ServiceDependency {
  service: string;
  /** started: it runs. healthy: it is ready. completed: it has ended well. */
  condition: 'started' | 'healthy' | 'completed';
  /** It may be missing. */
  optional?: boolean;
  /** A new revision of it is one of this service too. */
  restart?: boolean;
}

/** Something outside of the release that has to answer. */
export interface DesiredNeed {
  kind: NeedKind;
  /** As it is written, variables and all: what they come to stays on the host. */
  text: string;
  /** Of http. */
  status?: number;
  required: boolean;
  /** Milliseconds. */
  within: number;
}

/** How a host's services are reached: what a spec says once for all of them. */
export interface Site {
  proxies: Record<string, ProxySpec>;
  /** Reserved loopback ports. */
  ports: { first: number; last: number };
  /** How many instances may be starting at once. */
  starts?: number;
}

export interface KeptRevision {
  revision: number;
  /** The revision that a rollback from the new one goes to. */
  previous?: number;
  /** Its image is not on the host any more, and is pulled again by its digest. */
  pull?: boolean;
  /** Containers that Compose started come back under their own names and ports. */
  instances?: KeptInstance[];
}

export interface KeptInstance {
  name: string;
  /** Host port by container port. */
  ports: Record<string, number>;
  /** All TCP ports of the host that it publishes. */
  published: number[];
}

export type OnFailure = 'rollback' | 'hold' | 'leave';

/** Times in milliseconds. */
export interface StopPolicy {
  /** Absent: the one that the container itself asks for. */
  signal?: string;
  grace: number;
}

/** A service's part of a proxy that Belay runs. */
export interface Front {
  proxy: string;
  image: PinnedImage;
  routes: FrontRoute[];
}

/** One route of a service behind a proxy that Belay runs. */
export interface FrontRoute {
  service: string;
  /** The name of HAProxy's backend; one of its own for each route. */
  backend: string;
  /** Where the service's instances listen, and where its clients inside the networks look for it. */
  port: number;
  protocol: 'http' | 'grpc' | 'tcp';
  /** The service's networks, and the names that it goes by on each. */
  networks: Record<string, string[]>;
  /** Published on the host, at `hostAddress`, or at all addresses of both families. */
  hostPort?: number;
  hostAddress?: string | string[];
  /** What is published stands in for this port, which another container still has: new connections to it are led there. */
  redirectFrom?: number;
  /** Servers in all: the instances, and as many again as a release adds at once. */
  slots: number;
  /** The path of the readiness check, where it is an HTTP one; otherwise a connection is the check. */
  readyPath?: string;
  /** What it answers; 200 where absent. */
  readyStatus?: number;
  /** What it is asked with beside the path. */
  readyHeaders?: Record<string, string>;
  /** Where it asks, if not at the route's own port. */
  readyPort?: number;
  /** That port expects the PROXY protocol's line too. */
  readyProxied?: true;
  /** Longest time of one check, in milliseconds; 2 s where absent. */
  readyTimeout?: number;
  /** How long requests wait while nobody serves, in milliseconds; `usualHold` where absent, 0: not at all. */
  hold?: number;
  /** What is sent again when an instance fails; `safe` where absent. */
  resend?: Resend;
  /** By what a client stays with one instance. */
  sticky?: Sticky;
  /** How the service learns of its client's address; absent: by X-Forwarded-For, but for TCP. */
  clientAddress?: ClientAddress;
  /** 2: a blue and a green backend, with one switch between them. */
  sets?: 1 | 2;
}

export interface DesiredRoute {
  proxy: string;
  backend: string;
  port: number;
}

/** Percentages are counted; times in milliseconds. */
export type DesiredStrategy =
  | { kind: 'rolling'; surge: number; unavailable: number; pause_after?: number }
  | { kind: 'blue-green'; warm: number }
  | { kind: 'canary'; steps: CanaryStep[] }
  | { kind: 'recreate' };
export type StrategyKind = DesiredStrategy['kind'];
export type StrategyOf<K extends StrategyKind> = Extract<DesiredStrategy, { kind: K }>;

export interface CanaryStep {
  /** Percent of the traffic. */
  weight: number;
  soak: number;
  approve: boolean;
}

/** A readiness check whose http port is decided. Times in milliseconds. */
export type DesiredCheck = Omit<ReadyCheck, 'port'> & { port?: number } & Proxied;

export type DesiredSmoke = Omit<Smoke, 'port'> & { port: number } & Proxied;

interface Proxied {
  /** The port that it asks expects the PROXY protocol's line ahead of each connection. */
  proxied?: true;
}

export interface Desired extends Site {
  platform: string;
  source: Source;
  /** In the order of the spec. */
  services: DesiredService[];
  /** Left as they are in this release; what depends on a service that it changes is probed after that. */
  others?: DesiredService[];
}
