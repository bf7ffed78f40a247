import type { RuntimeKindName } from '../spec/runtimes';
import type { ProxySpec } from '../spec/spec';
import type { Artifact } from './artifact';
import type {
  DesiredCheck,
  DesiredConfig,
  DesiredJob,
  DesiredLive,
  DesiredNeed,
  DesiredService,
  DesiredValidation,
  DesiredVersion,
  FoundBackup,
  Front,
  OnFailure,
  ServiceDependency,
  Site,
  StopPolicy,
  Task,
} from './desired';
import type { Listening } from './listening';
import type { Slot } from './observed';

/** A plan is a graph of steps, as data. Views, dry runs, releases and rollbacks all use this and nothing else. */
export interface Plan {
  /** Format of the steps; a worker refuses an unknown format. */
  format: 1;
  platform: string;
  host: string;
  engine: string;
  /** Steps service by service, evenly spaced for `packed`. Only `needs` says what comes first: it may stand later. */
  steps: Step[];
  /** The rollback. A step applies if the step that `undoes` names was started; its needs are steps of the rollback. */
  undo: Step[];
  /** The policy for a step of the service that fails for good; for tests of the whole platform by its own name. */
  onFailure: Record<string, OnFailure>;
  /** Services that keep their new revision once they have succeeded, even if others fail. */
  lasting?: string[];
  /** Most instances that may be starting at once. */
  starts?: number;
  services: ServicePlan[];
  /** Notices for the top of the plan: a version that would be left again, missing instances. */
  notices?: string[];
  warnings: string[];
  /** Of a rollback: what it leaves as it is, in sentences. Jobs have run, files name another version. */
  leaves?: string[];
  /** The proxies that the steps name. */
  proxies: Record<string, ProxySpec>;
  /** The files and versions from which the host resolves the configuration of new revisions. */
  source: Source;
  /** The revisions that a rollback could lead to, newest first for each service. */
  targets?: RollbackTarget[];
  /** The removals of a drop or a prune, by service. */
  removals?: Removal[];
}

/** A revision that a rollback can lead to. */
export interface RollbackTarget {
  service: string;
  revision: number;
  /** The name of the artifact as written then. */
  artifact: string;
  /**
   * `here`: the host has it. `source`: the host fetches it again. `gone`: only this host had it, and lost
   * it.
   */
  artifactAt: 'here' | 'source' | 'gone';
  /** ISO 8601. */
  createdAt: string;
  by: string;
  /** The workflow that made the revision. */
  release: string;
  /** True if the revision removed the service: no instance runs there. */
  removed?: boolean;
}

/** The removals of one service from a host. */
export interface Removal {
  platform: string;
  service: string;
  /** Names of containers. */
  instances: string[];
  /** Names of containers of proxies that Belay runs for it. */
  proxies: string[];
  /** Proxy servers, as `edge/api/s1`, that point at the instances and go into maintenance. */
  servers: string[];
  /** Artifacts by the names under which they are kept; of Docker where no runtime is named. */
  images: Array<{ tag: string; bytes: number; runtime?: RuntimeKindName }>;
  /** Revisions whose configuration is removed. */
  configurations: number[];
  /** Names of files. */
  logs: string[];
  /** Names of files that a killed process left half-written. */
  leftovers: string[];
}

/** The folder of a release's files, and the files and variables that its input replaces. */
export interface Source {
  folder: string;
  /** The environment of the folder's platform; absent for the platform itself. */
  env?: string;
  versions: Record<string, string>;
  files: Record<string, string>;
  /** Variables that replace the worker's own. */
  set?: Record<string, string>;
}

/** The changes of one service; for people to read. */
export interface ServicePlan {
  service: string;
  from?: { revision: number; artifact: Artifact; instances: number };
  /** What was in traffic before, if it is not what `from` says: a release that was terminated has left some. */
  found?: Array<{ revision: number; instances: number }>;
  to: { revision: number; artifact: Artifact; instances: number };
  /** Names only, never values. */
  environment: { added: string[]; removed: string[]; changed: string[] };
  /** Set if no instance serves for a while. */
  downtime?: Downtime;
  /** Durations by kind of step at the release of the present revision, in milliseconds. */
  usual?: Timings;
  /** Routes, as `edge/api:8080`; only if they change. */
  routes?: { from: string[]; to: string[] };
  /** Reasons for the change: `image`, `env`, `again (restart)`. */
  reasons?: string[];
  /** True if the service has nothing to do. */
  unchanged: boolean;
  /** True if the spec no longer names the service: the release drains and stops it. */
  removed?: boolean;
  /** True if the service is a job: it runs once, and no instance of it stays. */
  job?: boolean;
}

/** Times in milliseconds. */
export interface Downtime {
  atMost: number;
  /** Duration of the last time. */
  usual?: number;
  /** Longest hold of requests by the proxies; the release expects this to be enough, so that none fails. */
  held?: number;
}

export type Step =
  | ClaimStep
  | PreflightStep
  | ProxyStep
  | PublishStep
  | PullStep
  | ConfigStep
  | ConfigureStep
  | JobStep
  | LaunchStep
  | ProbeStep
  | SwapStep
  | WeighStep
  | SwitchStep
  | DrainStep
  | RetireStep
  | ValidateStep
  | SoakStep
  | ApproveStep
  | RecordStep
  | WarmStep
  | LaterStep
  | CleanupStep
  | DropStep
  | PruneStep
  | BackupStep
  | VerifyStep
  | DrillStep
  | HaltStep
  | ResumeStep
  | RestoreStep;

export type StepKind = Step['kind'];
/** Milliseconds by kind of step: the median over the steps of one service in one release. */
export type Timings = Partial<Record<StepKind, number>>;
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

interface StepBase {
  /** Unique in the plan, stable over retries: `api/launch/shop-api-r2-1`. */
  id: string;
  /** `wholePlatform` for a test of all services. */
  service: string;
  host: string;
  /** The kind of the service's runtime; docker where absent. */
  runtime?: RuntimeKindName;
  /** The Compose project of instances that Compose started and the ledger does not know. */
  project?: string;
  /** The fence's epoch under which the step may act: one for the release, the next for its rollback. */
  epoch: number;
  /** Ids of the steps of the same graph that must be done before. */
  needs: string[];
  /** On an undo step: the forward step whose start makes this step apply. */
  undoes?: string;
}

/** An instance as its proxies reach it: by its name or its host ports, never by an address that the engine may reassign. */
export interface PlacedRef {
  name: string;
  /** Host port by container port, on 127.0.0.1. */
  ports: Record<string, number>;
  slots: Slot[];
}

/** An instance as steps name it. */
export interface InstanceRef extends PlacedRef {
  /** Position within its revision, from 1; absent for adopted containers. */
  number?: number;
  revision: number;
  /** Set if Compose does not count the instance: more run than its file says. */
  uncounted?: true;
}

/** The one-off instance of a job. */
export interface JobRef extends InstanceRef {
  job: string;
}

/** Takes the service's fence. Forward it also writes the pending revision; on a rollback it raises the epoch. */
export interface ClaimStep extends StepBase {
  kind: 'claim';
  revision: number;
  /** Absent on a rollback. */
  pending?: PendingRevision;
  takeOver: boolean;
  /** Host ports of new and running instances, which may have to return; absent on a rollback. */
  ports?: number[];
  /** Set where the plan goes on without the service if another workflow has it. */
  lenient?: true;
}

/** The ledger's entry of a revision before its configuration is resolved. */
export interface PendingRevision {
  previous?: number;
  desired: DesiredService;
  task: Task;
  site: Site;
  /** Containers that Compose started, which the ledger keeps as revision 0. */
  adopted?: DesiredService;
  /** Configuration files that the release writes. */
  config?: DesiredConfig;
}

export interface PreflightStep extends StepBase {
  kind: 'preflight';
  /** Host ports that launches will bind. */
  ports: number[];
  slots: Slot[];
  /** Compose services that have to run. */
  requires?: RequiredService[];
  /** Needs that have to answer. */
  external?: DesiredNeed[];
  /** The image to pull next, if the host does not have it. */
  artifact?: Artifact;
  /** Asks of the host that earlier revisions did not make; absent on a rollback, and in plans of an earlier Belay. */
  fit?: Fit;
  /** Backups that the release makes next. */
  backups?: FoundBackup[];
}

/** The load of a release on its host. Times in milliseconds. */
export interface Fit {
  /** Most instances beside those that run before it. */
  extra: number;
  /** The stop of instances that run before it; absent if none stops. */
  stop?: StopPolicy;
  /** Time for what is under way where no proxy counts it; absent where that is not told. */
  uncounted?: number;
}

/** A service of the Compose project that Belay does not release. */
export interface RequiredService extends Omit<ServiceDependency, 'restart'> {
  project?: string;
}

/** Lets a managed proxy serve the service's routes; on a rollback the former routes, or none. */
export interface ProxyStep extends StepBase {
  kind: 'proxy';
  proxy: string;
  /** Absent: the proxy no longer serves the service. */
  front?: Front;
  /** Serving instances to bring into traffic before the proxy takes the service's names and ports. */
  adopt?: InstanceRef[];
}

/** Lets a managed proxy take ports of the host from containers that Compose started, or give them back. */
export interface PublishStep extends StepBase {
  kind: 'publish';
  proxy: string;
  front: Front;
  ports: number[];
  /** Set if the proxy gives the ports back. */
  lend?: true;
  /** Longest time that requests in flight may continue on the old connection, in milliseconds. */
  drain: number;
}

export interface PullStep extends StepBase {
  kind: 'pull';
  artifact: Artifact;
  revision: number;
}

/** Takes configuration files of the host to the release's version; a rollback puts the former ones back. */
export interface ConfigStep extends StepBase, DesiredConfig {
  kind: 'config';
  /** True on a rollback. */
  restore: boolean;
}

/** Writes the revision's resolved configuration on the host; a rollback removes it. */
export interface ConfigureStep extends StepBase {
  kind: 'configure';
  revision: number;
  /** The earlier revision whose configuration is copied; absent: the spec is resolved. */
  kept?: number;
  /** Variables in place of those of the configuration. */
  overrides?: Record<string, string>;
  fingerprint: string;
  /** True on a rollback: the copy is removed. */
  remove: boolean;
}

/** Runs a job of a revision to its end. On a rollback it ends what still runs, and takes back what was done. */
export interface JobStep extends StepBase {
  kind: 'job';
  instance: JobRef;
  /** The revision's fingerprint. */
  fingerprint: string;
  when: DesiredJob['when'];
  /** Replaces the template's own command. Absent: that one; where the step reverts a run, nothing more is to do. */
  command?: string[];
  /** Milliseconds from the instance's start. */
  timeout: number;
  stop: StopPolicy;
  /** Set if the run only tells, by an exit with 0, that there is nothing to do: it never fails. */
  asks?: true;
  /** The run that tells if there is nothing to do. */
  unless?: JobRef;
  /** Set if the release cannot roll back once the step has begun. */
  irreversible?: true;
  /** The run of the job that this step takes back by `command`; it is ended first. */
  reverts?: JobRef;
}

export interface LaunchStep extends StepBase {
  kind: 'launch';
  instance: InstanceRef;
  /** The revision's fingerprint, which the instance carries as a label. */
  fingerprint: string;
  /**
   * Set if its servers are free by then. They point at the instance from its start, out of traffic, so that proxies
   * check it early.
   */
  stage?: true;
  /** Set for a fresh instance of the version before, which new ones are compared with. */
  baseline?: true;
}

export interface ProbeStep extends StepBase {
  kind: 'probe';
  instance: InstanceRef;
  /** Absent: the probe only checks `ports`. */
  check?: DesiredCheck;
  /** The version that the instance has to tell. */
  version?: DesiredVersion;
  /** Container ports of routes beyond the check's own: each has to accept connections. */
  ports?: number[];
  /** The service of the instance, if it only depends on the step's service. */
  of?: string;
  /** Set to probe the container's own address: its host port leads elsewhere. */
  direct?: true;
}

/** `enter` takes traffic on all its routes, then `leave` takes no new requests. */
export interface SwapStep extends StepBase {
  kind: 'swap';
  enter?: InstanceRef;
  leave?: PlacedRef;
  /** Weight of `enter` among its backend's servers; absent: the configured weight. */
  weight?: number;
  /** Set if chosen clients go to `enter`. */
  chosen?: true;
  /** Set if the launch of `enter` has pointed its servers there: the proxies' checks since then count. */
  staged?: true;
}

/** Gives instances in traffic another share of it. */
export interface WeighStep extends StepBase {
  kind: 'weigh';
  /** Weights from 0 to 256 among the servers of one backend; absent: the configured weight. */
  weights: Array<{ instance: InstanceRef; weight?: number; chosen?: true }>;
  /** The share of all new instances, between 0 and 1; absent once all are equal again. */
  share?: number;
  /** The chosen clients in words, who go to the new instances whatever the share. */
  clients?: string;
}

/** Sends all new requests of a service to another backend at once; requests in flight end where they are. */
export interface SwitchStep extends StepBase {
  kind: 'switch';
  switches: BackendSwitch[];
  /** Instances that have to be in their backend, and healthy there, before the switch. */
  instances: InstanceRef[];
}

/** The backend to which a proxy's map leads by a key: the route's backend, as the spec names it. */
export interface BackendSwitch {
  proxy: string;
  key: string;
  from: string;
  to: string;
}

export interface DrainStep extends StepBase {
  kind: 'drain';
  instance: PlacedRef;
  /** Milliseconds. */
  deadline: number;
  at_deadline: 'proceed' | 'hold' | 'fail';
  /** Tools that send requests to the instance past the proxy, which cannot count them. */
  leaders?: string[];
  /** Set if clients stay with the instance until it is out of traffic. */
  sticky?: true;
}

export interface RetireStep extends StepBase {
  kind: 'retire';
  instance: InstanceRef;
  stop: StopPolicy;
  /** Set if other instances answer to its names: new clients reach those before it stops. */
  named?: true;
}

export interface ValidateStep extends StepBase {
  kind: 'validate';
  title: string;
  instances: InstanceRef[];
  /** Absent: the step watches the instances from their start, and they must stay up, or it asks what `external` names. */
  smoke?: DesiredValidation;
  /** Set to measure many times, while the instances are in traffic. */
  series?: true;
  /** The revision that the series ends with: another release has come once the ledger's head differs. */
  head?: number;
  /** Likewise for a series of the whole platform: new revisions, by service. */
  heads?: Record<string, number>;
  /** Tests that compare the instances with those of `baseline`: fresh ones of the version before. */
  compared?: DesiredValidation[];
  baseline?: InstanceRef[];
  /** Set for instances of the version before: a failure is only noted. */
  former?: true;
  /** Set for a test of the whole platform before any change: its failure says nothing of the new version. */
  first?: true;
  /** The step that has made this test on the version before, or before any change. */
  before?: string;
  /** Steps that end a watch, or a series over a whole release; absent: the step ends by itself. */
  until?: string[];
  /** The liveness check of the watched instances; without `until`, each has to pass it once. */
  live?: DesiredLive;
  /** Needs of the service, which are asked in place of the instances. */
  external?: DesiredNeed[];
  /** The version to ask for through proxies, in place of the instances. */
  asked?: AskedVersion;
  /** Set to check containers at their own addresses: their host ports lead elsewhere. */
  direct?: true;
}

/** A version to ask for through proxies. */
export interface AskedVersion {
  version: DesiredVersion;
  fronts: Listening[];
  /** Number of requests at each. */
  count: number;
  /** Set if every answer has to tell it; absent: one of them. */
  every?: true;
}

/** Lets time pass while the new instances are in traffic. */
export interface SoakStep extends StepBase {
  kind: 'soak';
  /** Milliseconds. */
  time: number;
}

/** Keeps the old set running out of traffic for a while; a workflow of its own retires it. */
export interface WarmStep extends StepBase {
  kind: 'warm';
  /** Milliseconds. */
  time: number;
  /** The revision that replaced the old set. */
  revision: number;
  instances: InstanceRef[];
}

/** Goes on measuring once the release is closed; a workflow of its own does it, and rolls back what turns out bad. */
export interface LaterStep extends StepBase {
  kind: 'later';
  /** The service's revision, and the one to go back to; absent for the whole platform. */
  revision?: number;
  previous?: number;
  /** The whole platform's, by service. */
  whole?: WholeRelease;
  instances: InstanceRef[];
  /** Each with its interval and the number of its measurements. */
  tests: DesiredValidation[];
}

/** What a release of several services has made, and what they go back to. */
export interface WholeRelease {
  /** New revisions, by service. */
  from: Record<string, number>;
  /** Revisions to go back to, of the services that have one. */
  to: Record<string, number>;
}

export interface ApproveStep extends StepBase {
  kind: 'approve';
  question: string;
}

/**
 * Moves the ledger's head to the revision and releases the fence. A rollback marks the revision abandoned. It
 * leaves the revision pending if a part of the way was skipped.
 */
export interface RecordStep extends StepBase {
  kind: 'record';
  revision: number;
  /** Absent: the revision keeps its state, and the step only releases the fence. */
  state?: 'recorded' | 'abandoned' | 'pending';
  /** Forward: the complete service, and each of its instances runs. */
  instances?: InstanceRef[];
  /** The head to set: the revision itself, or on a rollback the former head (absent: none). */
  head?: number;
}

/** Removes images and logs of revisions that are no longer kept. */
export interface CleanupStep extends StepBase {
  kind: 'cleanup';
  keep: number;
}

/** Removes the host's records of a service after its instances: images, logs, ledger. */
export interface DropStep extends StepBase {
  kind: 'drop';
}

/** Removes everything of a service that no revision needs. The step takes and releases the service's fence itself. */
export interface PruneStep extends StepBase {
  kind: 'prune';
  removal: Removal;
}

/** Stops an instance, which stays for a later start. */
export interface HaltStep extends StepBase {
  kind: 'halt';
  instance: InstanceRef;
  stop: StopPolicy;
}

/** Starts an instance again that has been halted. */
export interface ResumeStep extends StepBase {
  kind: 'resume';
  instance: InstanceRef;
  /** The halt's, in case that it was cut off. */
  stop: StopPolicy;
}

/** The parts of a restore; each belongs to one restore by its id. */
export type RestoreAct =
  /** Everything that can be done while the live data is in use. */
  | 'prepare'
  /** The present data is kept, if it cannot be kept beside the live data. */
  | 'keep'
  /** The live data is replaced. */
  | 'commit'
  /** The service, started again, answers from the data that it loaded at its start. */
  | 'answer'
  /** The former data is put back. */
  | 'undo'
  /** What was prepared is removed, and the restore has never been. */
  | 'discard'
  /** What the restore has replaced is removed. */
  | 'forget';

/** Replaces a database, a volume or a folder by one of its backups, or puts back what was replaced. */
export interface RestoreStep extends StepBase {
  kind: 'restore';
  act: RestoreAct;
  /** Unique among the restores of the thing: letters and digits. */
  restore: string;
  /** The thing. */
  backup: FoundBackup;
  /** The id of the backup, to prepare it. */
  chosen?: string;
  /** ISO 8601, or `latest`: what happened after the backup is replayed until then. */
  until?: string;
  /** Set if its failure is no reason to go back. */
  lenient?: true;
}

/**
 * Makes a backup, and removes those that are no longer kept. In a release, its service is one that changes, whose fence
 * the step acts under; the backup names the service that it is of.
 */
export interface BackupStep extends StepBase {
  kind: 'backup';
  backup: FoundBackup;
}

/** Restores a backup into a scratch instance, and asks it. */
export interface VerifyStep extends StepBase {
  kind: 'verify';
  backup: FoundBackup;
  /** The id of the backup; absent: the one that this workflow has made. */
  chosen?: string;
}

/** How a shutdown is tested. Times in milliseconds. */
export interface DrillScenario {
  /** Absent: the instance is ready once it runs, and accepts connections at its port. */
  ready?: DesiredCheck;
  /** Container ports to reach. */
  ports: number[];
  /** Ports of the host that its instance may have; absent: any that is free. */
  hostPorts?: number[];
  /**
   * The port to send requests to; without a path it is only connected to. Requests
   * in flight go to the slow path. `tls`: they go over TLS, to this name. Absent: the service has no port.
   */
  asked?: { port: number; path?: string; slowPath?: string; tls?: { serverName?: string } };
  stop: StopPolicy;
  /** Time from readiness to the signal. */
  settle: number;
  /** Longest wait for the end after the signal. */
  wait: number;
}

/** Tests the shutdown of a service on an instance of its own, which no client finds, and which is gone afterwards. */
export interface DrillStep extends StepBase {
  kind: 'drill';
  /** A file or a folder too. */
  image: Artifact;
  /** The revision whose configuration the instance gets; absent: the files as they are. */
  revision?: number;
  scenario: DrillScenario;
  /** Set on a rollback: an instance that a killed worker left is removed. */
  remove?: true;
}
