import type { DockerEndpoint } from './docker-endpoint';
import type { Effects } from './hosts/effects';
import type { FenceOwner } from './hosts/fence';
import type { Ledger } from './hosts/ledger';
import type { Redirects } from './hosts/redirect';
import type { Network } from './hosts/refuse-new';
import type { Masker } from './hosts/secrets';
import type { Front } from './model/desired';
import type { Source, Step, Timings } from './model/plan';
import type { Probe } from './probes/probe';
import type { ProxyAdapter } from './proxies/proxy';
import type { Containers } from './runtimes/docker/containers';
import type { Engine } from './runtimes/docker/engine';
import type { Drills } from './runtimes/drills';
import type { Runtime } from './runtimes/runtime';
import type { RuntimeKindName } from './spec/runtimes';
import type { ProxySpec } from './spec/spec';

/** Everything activities need from outside; the worker's composition root fills it, tests fill it with fakes. */
export interface Deps {
  /** The folder of the host's ledger, locks and key. */
  home: string;
  /** The host's name, as plans call it. */
  host: string;
  /** Folders in which platforms are looked up. */
  specs: string[];
  /** The runtime of this kind; docker where absent. */
  runtimeOf(kind?: RuntimeKindName): Runtime;
  /** The container engine: it runs Docker's instances, and proxies of Belay's own. */
  engine: Engine;
  /** Containers with data, for backups. */
  containers: Containers;
  /** Instances on which shutdowns are tested, in the runtime of this kind. */
  drillsOf(kind?: RuntimeKindName): Drills;
  /** The same two for one plan: they pin each image once. */
  forOnePlan(): Pick<Deps, 'runtimeOf' | 'engine'>;
  /** The address of that engine: this worker stays with it, also after `docker context use`. */
  endpoint: DockerEndpoint;
  effects: Effects;
  ledger: Ledger;
  proxyOf(spec: ProxySpec): ProxyAdapter;
  /** Containers of proxies that Belay runs. */
  fronts: Fronts;
  /** Refuses new connections to this network. Returns once its programs have accepted all earlier ones. */
  refuseNew(network: Network, lasting: number): Promise<void>;
  probe: Probe;
  /** Runs this Belay's own command line. Returns its output and exit code. */
  commandLine(args: string[]): Promise<{ text: string; code: number }>;
  masker: Masker;
  temporal: {
    /** host:port, as this worker reaches it. */
    address: string;
    namespace: string;
    /** The cluster's own id: tells whether an owner of a fence can be asked. */
    cluster: string;
    /** Returns the names of hosts that have a worker now, or had one a minute ago. */
    hosts(): Promise<string[]>;
    isOpen(owner: FenceOwner): Promise<'open' | 'closed' | 'unknown'>;
    /** Returns the phase in lists of releases: `waiting` at a gate, `held`; undefined if Temporal does not tell. */
    phaseOf(workflowId: string): Promise<string | undefined>;
    /** The start of a running activity by Temporal's clock, in milliseconds since 1970; undefined if it does not tell. */
    startedAt(run: { workflowId: string; runId: string }, activityId: string): Promise<number | undefined>;
    /** Shows the note of a running step. Returns true if the note arrived. */
    report(run: { workflowId: string; runId: string }, progress: { step: string; note: string }): Promise<boolean>;
  };
}

/** Managed proxies for one service; each verb seeks a state. */
export interface Fronts {
  /**
   * As `phase` says (`unnamed`; `beside` what it replaces, `former` where that is still there), else whole. `drain` in
   * milliseconds: how long what is replaced may finish.
   */
  ensure(request: {
    platform: string;
    front: Front;
    phase?: 'unnamed' | 'beside';
    drain?: number;
  }): Promise<{ changed: string; gap?: true; former?: true }>;
  /** Ends the other container once its connections are over, without a wait. It takes no new ones. */
  dismiss(request: { platform: string; front: Front }): Promise<void>;
  /**
   * Returns the time of the dismissal of containers that still finish their connections, in milliseconds since 1970.
   */
  leavingSince(request: { platform: string; proxy: string; service: string }): Promise<number[]>;
  /** Returns the names of existing containers, running or not. */
  containers(request: { platform: string; proxy: string; service: string }): Promise<string[]>;
  remove(request: { platform: string; proxy: string; service: string }): Promise<void>;
  redirects: Redirects;
}

/** The input of every step activity. */
export interface StepInput<S extends Step = Step> {
  /** The plan's format. */
  format: number;
  /** The step without its needs, which only the walk reads. */
  step: S;
  /** The number of this start of the step. With Temporal's own attempt it tells which try is the latest. */
  round: number;
  /** How often a person has had the failed step tried again; 0 where absent. */
  retried?: number;
  platform: string;
  engine: string;
  proxies: Record<string, ProxySpec>;
  by: string;
  reason: string;
  /** Most notes of the running step: each is one of the signals that a workflow takes. */
  notes?: number;
  /** The first run of the workflow, if this is a later one: the owner of its fences. */
  firstRun?: string;
  /** The page shows that no worker took the step, so the worker reports that it has. */
  late?: true;
  /** The last heartbeat of an attempt whose worker was lost. */
  left?: unknown;
  /** For a test: why the version before fails it. */
  failsBefore?: string;
  /** For a watch that a person tries again: names of instances that have come into traffic before. */
  admitted?: string[];
  /** Likewise: names of those that chosen clients go to. */
  chosen?: string[];
  /** Set for `record` alone: durations of the service's steps. */
  timings?: Timings;
  /** For `configure`, a `preflight` that asks for what stands outside, and a `launch` of what the host has kept. */
  source?: Source;
}

export interface StepResult {
  /** The result in words: `exit 0 after 3.1 s`. */
  note?: string;
  /** Bytes of images that were removed from the host. */
  freed?: number;
  /** Set if nothing is to be done: what waits for this answer is left out. */
  idle?: true;
  /** Why a test of the version before failed; nothing else fails by it. */
  fails?: string;
  /** Set if another release has come, and a closed release is measured no more. */
  over?: true;
}
