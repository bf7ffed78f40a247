import type { ProxySpec } from '../spec/spec';
import type {
  DesiredCheck,
  DesiredNeed,
  DesiredService,
  DesiredSmoke,
  Front,
  OnFailure,
  ServiceDependency,
  Site,
  StopPolicy,
} from './desired';
import type { PinnedImage, Slot } from './observed';

/** A plan is a graph of steps, as data. What is shown, dry-run, walked and undone is this and nothing else. */
export interface Plan {
  /** Of the steps; a worker refuses one that it does not know. */
  format: 1;
  platform: string;
  host: string;
  engine: string;
  /** In an order in which every step comes after what it needs. */
  steps: Step[];
  /** The way back: steps that apply when the step that `undoes` names was started. Their needs are among themselves. */
  undo: Step[];
  /** What to do when a step of the service fails for good. */
  onFailure: Record<string, OnFailure>;
  /** Services that stay as they are once they have succeeded, whatever becomes of the others. */
  lasting?: string[];
  /** How many instances may be starting at once. */
  starts?: number;
  services: ServicePlan[];
  /** What is to be known before anything else: a version that is left again, instances that do not run. */
  notices?: string[];
  warnings: string[];
  /** How steps reach the proxies they name. */
  proxies: Record<string, ProxySpec>;
  /** From what the configuration of new revisions is resolved, on the host. */
  source: Source;
  /** Of a rollback: revisions that it could lead to, of each service the newest first. */
  targets?: RollbackTarget[];
  /** Of a drop or a prune: what goes, by service. */
  removals?: Removal[];
}

/** A revision that a rollback can lead to. */
export interface RollbackTarget {
  service: string;
  revision: number;
  /** As it was written then. */
  image: string;
  /** `here`: nothing is pulled. `registry`: it is pulled again. `gone`: it was only on this host, and is not any more. */
  imageAt: 'here' | 'registry' | 'gone';
  /** ISO 8601. */
  createdAt: string;
  by: string;
  /** The workflow that made it. */
  release: string;
  /** It took the service off: nothing of it runs there. */
  removed?: boolean;
}

/** What is taken away from a host, of one service. */
export interface Removal {
  platform: string;
  service: string;
  /** Names of containers. */
  instances: string[];
  /** Names of containers of proxies that Belay runs for it. */
  proxies: string[];
  /** As `edge/api/s1`: servers of a proxy that lead to them, and are put into maintenance. */
  servers: string[];
  images: Array<{ tag: string; bytes: number }>;
  /** Revisions whose configuration goes. */
  configurations: number[];
  /** Names of files. */
  logs: string[];
  /** Names of files that a process which was killed while it wrote them has left. */
  leftovers: string[];
}

/** Where a release's files are, and what its input puts in place of them. */
export interface Source {
  folder: string;
  /** The environment of the folder's platform; absent: the platform itself. */
  env?: string;
  versions: Record<string, string>;
  files: Record<string, string>;
  /** Variables in place of the worker's own. */
  set?: Record<string, string>;
}

/** What changes for one service; for people to read. */
export interface ServicePlan {
  service: string;
  from?: { revision: number; image: PinnedImage; instances: number };
  to: { revision: number; image: PinnedImage; instances: number };
  /** Names only, never values. */
  environment: { added: string[]; removed: string[]; changed: string[] };
  /** No instance serves meanwhile. */
  downtime?: Downtime;
  /** How long a step of a kind took when the present revision was released, in milliseconds. */
  usual?: Timings;
  /** As `edge/api:8080`; only where they change. */
  routes?: { from: string[]; to: string[] };
  /** Why there is something to do: `image`, `env`, `again (restart)`. */
  reasons?: string[];
  /** Nothing to do. */
  unchanged: boolean;
  /** The spec does not name it any more: it is drained and stopped. */
  removed?: boolean;
}

/** Times in milliseconds. */
export interface Downtime {
  atMost: number;
  /** As long as it took the last time. */
  usual?: number;
  /** So long the proxies let requests wait, which is expected to be enough: then none fails. */
  held?: number;
}

export type Step =
  | ClaimStep
  | PreflightStep
  | ProxyStep
  | PublishStep
  | PullStep
  | ConfigureStep
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
  | CleanupStep
  | DropStep
  | PruneStep;

export type StepKind = Step['kind'];
/** Milliseconds by kind of step: the median over the steps of one service in one release. */
export type Timings = Partial<Record<StepKind, number>>;
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

interface StepBase {
  /** Unique in the plan, stable over retries: `api/launch/shop-api-r2-1`. */
  id: string;
  service: string;
  host: string;
  /** The fence's epoch under which the step may act: one for the way there, the next for the way back. */
  epoch: number;
  /** Ids of the steps that must be done before; of the same graph. */
  needs: string[];
  /** On an undo step: the forward step whose start makes this one apply. */
  undoes?: string;
}

/** An instance as steps name it: by its name and its reserved ports, never by an address that the engine may give to another. */
export interface InstanceRef {
  name: string;
  /** Among those of its revision, from 1; absent for what Compose started. */
  number?: number;
  revision: number;
  /** Host port by container port, on 127.0.0.1. */
  ports: Record<string, number>;
  slots: Slot[];
  /** Compose does not count it: there are more instances than its file says. */
  uncounted?: true;
}

/** Takes the service's fence. Forward it writes the pending revision too; on the way back it raises the epoch. */
export interface ClaimStep extends StepBase {
  kind: 'claim';
  revision: number;
  /** Absent on the way back. */
  pending?: PendingRevision;
  takeOver: boolean;
  /** Host ports of what it launches and of what runs, which may have to come back; absent on the way back. */
  ports?: number[];
}

/** What the ledger says of a revision before its configuration is resolved. */
export interface PendingRevision {
  previous?: number;
  desired: DesiredService;
  site: Site;
  /** What Compose started before Belay came, to be kept as revision 0. */
  adopted?: DesiredService;
}

export interface PreflightStep extends StepBase {
  kind: 'preflight';
  /** Host ports that launches will bind. */
  ports: number[];
  slots: Slot[];
  /** Compose services that have to be there. */
  requires?: RequiredService[];
  /** What has to answer. */
  external?: DesiredNeed[];
  /** What is pulled next, where the host does not have it. */
  image?: PinnedImage;
}

/** A service of Compose's project that somebody else runs. */
export interface RequiredService extends Omit<ServiceDependency, 'restart'> {
  project?: string;
}

/** A proxy that Belay runs serves the service's routes; on the way back those of before, or none. */
export interface ProxyStep extends StepBase {
  kind: 'proxy';
  proxy: string;
  /** Absent: it serves the service no more. */
  front?: Front;
  /** What serves until now: brought into traffic before the proxy has the service's names and ports. */
  adopt?: InstanceRef[];
}

/** A proxy that Belay runs takes ports of the host from what Compose has started, or gives them back to it. */
export interface PublishStep extends StepBase {
  kind: 'publish';
  proxy: string;
  front: Front;
  ports: number[];
  /** They are given back. */
  lend?: true;
  /** How long requests in flight may go on where they are, in milliseconds. */
  drain: number;
}

export interface PullStep extends StepBase {
  kind: 'pull';
  image: PinnedImage;
  revision: number;
}

/** Writes the revision's resolved configuration on the host; on the way back removes it. */
export interface ConfigureStep extends StepBase {
  kind: 'configure';
  revision: number;
  /** `kept`: the configuration of this earlier revision is taken again, instead of resolving the spec. */
  kept?: number;
  fingerprint: string;
  /** On the way back: the copy is removed. */
  remove: boolean;
}

export interface LaunchStep extends StepBase {
  kind: 'launch';
  instance: InstanceRef;
  /** The revision's fingerprint, carried as a label. */
  fingerprint: string;
  /** Its servers are free by then: they lead to it from its start on, out of traffic, so that the proxies check it while it gets ready. */
  stage?: true;
}

export interface ProbeStep extends StepBase {
  kind: 'probe';
  instance: InstanceRef;
  /** Absent: nothing is asked beyond `ports`. */
  check?: DesiredCheck;
  /** Container ports that routes lead to and the check does not ask: each has to accept connections. */
  ports?: number[];
  /** Of another service, which depends on the step's own. */
  of?: string;
  /** At the container's own address: its port of the host leads elsewhere. */
  direct?: true;
}

/** `enter` takes traffic on all its routes, then `leave` takes no new requests. */
export interface SwapStep extends StepBase {
  kind: 'swap';
  enter?: InstanceRef;
  leave?: InstanceRef;
  /** Of `enter` among its backend's servers; the configuration's own where absent. */
  weight?: number;
  /** The launch of `enter` has led its servers there: what the proxies have found out since then counts. */
  staged?: true;
}

/** Instances in traffic take another share of it. */
export interface WeighStep extends StepBase {
  kind: 'weigh';
  /** From 1 to 256 among the servers of one backend; the configuration's own where absent. */
  weights: Array<{ instance: InstanceRef; weight?: number }>;
  /** What the new ones take together, between 0 and 1; absent where all are alike again. */
  share?: number;
}

/** All new requests of a service go to another backend, at once; those in flight end where they are. */
export interface SwitchStep extends StepBase {
  kind: 'switch';
  switches: BackendSwitch[];
  /** Each has to be in its backend, and healthy there, before. */
  instances: InstanceRef[];
}

/** What a proxy's map leads to by a key: the route's backend, as the spec names it. */
export interface BackendSwitch {
  proxy: string;
  key: string;
  from: string;
  to: string;
}

export interface DrainStep extends StepBase {
  kind: 'drain';
  instance: InstanceRef;
  /** Milliseconds. */
  deadline: number;
  at_deadline: 'proceed' | 'hold' | 'fail';
  /** Tools that lead requests to the instance past the proxy, where nobody counts them. */
  leaders?: string[];
  /** Clients stay with it until it is out. */
  sticky?: true;
}

export interface RetireStep extends StepBase {
  kind: 'retire';
  instance: InstanceRef;
  stop: StopPolicy;
  /** Others answer to the names by which clients find it: whoever comes anew is sent to them before it stops. */
  named?: true;
}

export interface ValidateStep extends StepBase {
  kind: 'validate';
  title: string;
  instances: InstanceRef[];
  /** Absent: the instances are watched, from the moment they are up, and must stay up. */
  smoke?: DesiredSmoke;
  /** A step that goes on until these are done, instead of ending by itself. */
  until?: string[];
}

/** Time passes while the new ones are in traffic. */
export interface SoakStep extends StepBase {
  kind: 'soak';
  /** Milliseconds. */
  time: number;
}

/** What takes no traffic any more is kept running for a while, and retired by a workflow of its own. */
export interface WarmStep extends StepBase {
  kind: 'warm';
  /** Milliseconds. */
  time: number;
  /** The revision that took their place. */
  revision: number;
  instances: InstanceRef[];
}

export interface ApproveStep extends StepBase {
  kind: 'approve';
  question: string;
}

/**
 * Moves the ledger's head to the revision and gives the fence back. On the way back it marks the revision abandoned, or
 * leaves it pending when a part of the way was given up.
 */
export interface RecordStep extends StepBase {
  kind: 'record';
  revision: number;
  /** Absent: the revision stays what it is, and only the fence is given back. */
  state?: 'recorded' | 'abandoned' | 'pending';
  /** Forward: the service is these, and each of them runs. */
  instances?: InstanceRef[];
  /** The head to set: the revision itself, or on the way back the former one (absent: none). */
  head?: number;
}

/** Removes images and logs of revisions that nothing keeps. */
export interface CleanupStep extends StepBase {
  kind: 'cleanup';
  keep: number;
}

/** Removes what the host keeps of a service: images, logs, ledger. Its instances are gone by then. */
export interface DropStep extends StepBase {
  kind: 'drop';
}

/** Removes what no revision of a service keeps. It takes the service's fence itself, and gives it back. */
export interface PruneStep extends StepBase {
  kind: 'prune';
  removal: Removal;
}
