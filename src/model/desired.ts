import type { Backup, BackupKindName, BackupMoment, BackupPlace } from '../spec/backups';
import type { AddressKind, NeedKind, NeedOptions } from '../spec/checks';
import type { MetricBounds } from '../spec/checks/metric';
import type { RuntimeKindName } from '../spec/runtimes';
import type { ClientAddress, LiveCheck, ProxySpec, ReadyCheck, Resend, Sticky, Validation } from '../spec/spec';
import type { DesiredStrategy } from '../spec/strategies/counted';
import type { ClientMatch } from '../spec/strategies/match';
import type { Artifact, PinnedImage } from './artifact';
import type { DrillScenario, Source } from './plan';

export type { CanaryStep, DesiredStrategy, StrategyKind, StrategyOf } from '../spec/strategies/counted';

/**
 * The spec of a service with every open choice decided: images pinned, percentages counted, Compose's defaults taken
 * over. Holds no values of the environment, only a fingerprint of each (HMAC, key on the host).
 */
export interface DesiredService {
  service: string;
  /** Name of the Compose project, where there is a Compose file. Belay finds adopted containers by it. */
  project?: string;
  /** Compose's expectations of the service, if a Compose file has it. */
  compose?: ComposeView;
  /** The kind of its runtime; docker where absent. */
  runtime?: RuntimeKindName;
  /** The artifact that its instances run. */
  artifact: Artifact;
  /** The image in the files, if the release asks for another version. */
  written?: string;
  instances: number;
  /** The number of instances in the files, if the release asks for another. */
  writtenInstances?: number;
  /**
   * Covers everything that Belay tells the engine, the routes, and the content of mounted files. Running instances are
   * compared by it.
   */
  fingerprint: string;
  /** Number of the fingerprint's formula; absent for the first. */
  formula?: number;
  /** A mark of each part of the fingerprint: shows a plan which parts changed. */
  parts?: Record<string, string>;
  /** Set for a restart of the same version; `of` is the former fingerprint. */
  again?: { of: string };
  /** Variables in place of those of the files, by `belay set`; absent without any. */
  overrides?: Overrides;
  /** HMAC of each environment value, by name: shows a plan which values changed. */
  environment: Record<string, string>;
  /** Container ports that need a host port, for routes, checks and tests. */
  ports: number[];
  /** Ports of the host that are the service's own, one for each port of an instance; absent: the reserved range. */
  hostPorts?: number[];
  routes: DesiredRoute[];
  strategy: DesiredStrategy;
  ready?: DesiredCheck;
  live?: DesiredLive;
  version?: DesiredVersion;
  drain: { deadline: number; at_deadline: 'proceed' | 'hold' | 'fail' };
  stop: StopPolicy;
  keep: number;
  on_failure: OnFailure;
  validate: DesiredValidation[];
  /** Programs that a release of the service runs once; absent without any. */
  jobs?: DesiredJob[];
  warnings: string[];
  /** Services of the spec that are released first, by Compose's depends_on and by needs. */
  after?: ServiceDependency[];
  /** Dependencies outside of the spec, in Compose; Belay only checks them. */
  requires?: ServiceDependency[];
  /** Needs that must answer before the service is released. */
  needs?: DesiredNeed[];
  /** True if the service writes to a volume: the failure of another service does not roll it back. */
  stateful?: boolean;
  /** How a release tests the shutdown of a new version before its first launch; absent: it does not. */
  drill?: DrillScenario;
  /** Tools that send requests to its instances past the proxy, such as Traefik by its labels. */
  leaders?: string[];
  /** Parts of managed proxies that serve the service. */
  fronts?: Front[];
  /** The service's own fingerprint, where `fingerprint` also covers the services that it restarts with. */
  own?: string;
}

/** Variables that stay in place of those of the files until they are given back. Values are no secrets. */
export interface Overrides {
  values: Record<string, string>;
  /** The fingerprint without them. */
  of: string;
  /** Marks of the values in their place; absent for variables that were not set. */
  was: Record<string, string>;
}

/** A service with what a plan does about it. */
export interface PlannedService extends DesiredService {
  task: Task;
  /** Set for a job that another tool has run as it is now. */
  ran?: true;
}

/**
 * `run`: instances of what the files resolve to. `take-again`: instances of a kept revision, whose configuration is
 * copied and whose image is not resolved again. `remove`: the service is drained and stopped. The spec no longer names
 * it, or a rollback leads to a revision that removed it.
 */
export type Task = { kind: 'run' } | TakeAgain | ({ kind: 'remove' } & Partial<Former>);

/** A kept revision that a rollback leads to. */
export interface Former {
  revision: number;
  /** The revision that a rollback from the new revision goes to. */
  previous?: number;
}

export interface TakeAgain extends Former {
  kind: 'take-again';
  /** True if the host no longer has the image and has to pull it by digest. */
  pull?: boolean;
  /** Adopted containers, which return under their own names and ports. */
  instances?: KeptInstance[];
}

/** Expectations of `docker compose up` for a service, by the current Compose file. */
export interface ComposeView {
  /** The number of containers that Compose wants. */
  scale: number;
  /** The image in the file, by its name on this engine or as a registry has it. */
  image: string | PinnedImage;
  /** The platform that the image must have. */
  platform?: string;
}

/** A program that runs once in a release, as an instance of the new revision that ends. */
export interface DesiredJob {
  name: string;
  /** `before`: before any change in traffic. `after`: once no former instance runs. */
  when: 'before' | 'after';
  /** Replaces the service's own command; absent: that one. */
  command?: string[];
  /** Milliseconds. */
  timeout: number;
  /** The command that exits with 0 if there is nothing to do. */
  pending?: string[];
  /** The command that takes back what the job has done. */
  undo?: string[];
  /** Set if nothing can take it back. */
  point_of_no_return?: true;
}

export interface ServiceDependency {
  service: string;
  /** started: the service runs. healthy: it is ready. completed: it has exited with 0. */
  condition: 'started' | 'healthy' | 'completed';
  /** True if the dependency may be missing. */
  optional?: boolean;
  /** True if a new revision of the dependency restarts this service too. */
  restart?: boolean;
}

/** A part of a service to back up. */
export interface DesiredBackup {
  service: string;
  /** The part, under the name of its kind. */
  what: Pick<Backup, BackupKindName>;
  place: Omit<BackupPlace, 'schedule'>;
  /** Steps of a release that it comes before. */
  before: BackupMoment[];
  /** Services that a restore stops; absent: those that depend on this one. */
  writers?: string[];
  /** How many of the latest stay. */
  keep: number;
  /** Milliseconds. */
  keepFor?: number;
  /** Public keys of age. */
  encrypt: string[];
  /** The question to the restored data; absent: the backup is not restored to verify it. */
  verify?: { query?: string };
}

/** A part to back up that is there. */
export interface FoundBackup extends DesiredBackup {
  /** The name of its container; absent for what is on the machine itself. */
  container?: string;
}

/** A dependency outside of the release that must answer. */
export interface DesiredNeed extends NeedOptions, HostCommand {
  kind: NeedKind;
  /** Text of the spec with its variables, whose values stay on the host; the words of a command. */
  text: string;
  required: boolean;
  /** Milliseconds. */
  within: number;
  /** The service of the file that its address leads to. */
  of?: string;
}

/** Configuration files of the host that a release takes to its version. */
export interface DesiredConfig {
  /** The folder of the files, absolute. */
  folder: string;
  /** ISO 8601; names the former files. */
  at: string;
  files: Array<{
    file: string;
    /** A mark of the text to write; the text itself stays on the host. */
    mark: string;
    /** The keys that change. */
    keys: string[];
  }>;
}

/** Settings that the spec gives once for all services of a host. */
export interface Site {
  proxies: Record<string, ProxySpec>;
  /** Reserved loopback ports. */
  ports: { first: number; last: number };
  /** Most instances that may be starting at once. */
  starts?: number;
}

export interface KeptInstance {
  name: string;
  /** Host port by container port. */
  ports: Record<string, number>;
  /** All TCP ports of the host that the instance publishes. */
  published: number[];
}

export type OnFailure = 'rollback' | 'hold' | 'leave';

/** Times in milliseconds. */
export interface StopPolicy {
  /** Absent: the stop signal of the container's image. */
  signal?: string;
  grace: number;
}

/** A service's part of a managed proxy. */
export interface Front {
  proxy: string;
  image: PinnedImage;
  routes: FrontRoute[];
}

/** One route of a service behind a managed proxy. */
export interface FrontRoute {
  service: string;
  /** The name of HAProxy's backend; each route has its own. */
  backend: string;
  /** The port where instances listen, and where clients inside the networks expect the service. */
  port: number;
  protocol: 'http' | 'grpc' | 'tcp';
  /** The service's networks, with its names on each. */
  networks: Record<string, string[]>;
  /** The published port of the host, at `hostAddress`, or at all addresses of both families. */
  hostPort?: number;
  hostAddress?: string | string[];
  /** The port that another container still holds; new connections to it are redirected to the published one. */
  redirectFrom?: number;
  /** Number of servers: the instances, and as many again as a release adds at once. */
  slots: number;
  /** The path of an HTTP readiness check; absent: the check only connects. */
  readyPath?: string;
  /** The expected status; 200 where absent. */
  readyStatus?: number;
  /** Request headers of the check. */
  readyHeaders?: Record<string, string>;
  /** The port of the check, if it is not the route's port. */
  readyPort?: number;
  /** Set if the check's port expects the PROXY protocol's line too. */
  readyProxied?: true;
  /** Longest time of one check, in milliseconds; 2 s where absent. */
  readyTimeout?: number;
  /** Longest wait of a request while no instance serves, in milliseconds; `usualHold` where absent, 0 means no wait. */
  hold?: number;
  /** The requests that the proxy sends again when an instance fails; `safe` where absent. */
  resend?: Resend;
  /** The means by which the proxy keeps a client on one instance. */
  sticky?: Sticky;
  /** The clients whom a canary serves first. */
  match?: ClientMatch;
  /** The means by which the service learns the client's address; absent: X-Forwarded-For, except for TCP. */
  clientAddress?: ClientAddress;
  /** 2 for a blue and a green backend with one switch between them. */
  sets?: 1 | 2;
}

export interface DesiredRoute {
  proxy: string;
  backend: string;
  port: number;
}

/** A program of this host that a check runs. */
export interface HostCommand {
  /** The program and its arguments; no shell reads them. */
  command?: string[];
  /** The folder of belay.yaml, absolute: it runs there, and a path counts from there. */
  folder?: string;
}

/** A readiness check with port and status decided, the text of `ca`, and the request by `proto`. Times in milliseconds. */
export type DesiredCheck = Decided<ReadyCheck> & { told?: ToldVersion };

/** Where an instance tells its version, and the version to expect there. */
export interface ToldVersion {
  /** Member of the JSON body, or `header`. */
  json?: string;
  header?: string;
  version: string;
}

/** The request that tells an instance's version. */
export interface DesiredVersion extends Proxied {
  http: string;
  port: number;
  told: ToldVersion;
}

/** A liveness check, likewise. */
export type DesiredLive = Decided<LiveCheck>;

/** A test of the new version. The limits of a series are decided; `count` is absent for one measurement. */
export type DesiredValidation = Decided<Validation> & { asked?: AskedAddress };

type Decided<Check extends Pick<ReadyCheck, 'status'>> = Omit<Check, 'port' | 'proto' | 'status'> & {
  port?: number;
  status: NonNullable<Check['status']>;
  /** The request of a gRPC call as its proto file encodes `message`, in base64. */
  request?: string;
} & Proxied &
  Pick<HostCommand, 'folder'>;

/** The address that a test of a whole platform asks, or the program that it runs. */
export interface AskedAddress extends NeedOptions, HostCommand {
  kind: AddressKind;
  /** Text of the spec with its variables, whose values stay on the host; the words of a command. */
  text: string;
  /** Of a metric, what its samples have to be. */
  metric?: MetricBounds;
  /** The request over HTTP, and what its answer has to be. */
  request?: Partial<Pick<DesiredCheck, 'method' | 'body' | 'headers' | 'status' | 'slowest' | 'json'>> &
    Pick<DesiredCheck, 'insecure' | 'ca' | 'server_name'>;
}

interface Proxied {
  /** Set if the checked port expects the PROXY protocol's line at the start of a connection. */
  proxied?: true;
}

export interface Desired extends Site {
  platform: string;
  source: Source;
  /** In the order of the spec. */
  services: PlannedService[];
  /** Absent if no configuration file changes. */
  config?: DesiredConfig;
  /** Configuration files that a rollback puts back, the latest release's first. */
  restores?: DesiredConfig[];
  /** Services that this release leaves alone. A service that depends on a changed one is probed after the change. */
  others?: DesiredService[];
  /** Backups that a release makes before some of its steps. */
  backups?: FoundBackup[];
  /** Tests of the whole platform; absent on a rollback and a restart. */
  tests?: DesiredValidation[];
}
