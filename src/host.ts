import type { DockerEndpoint } from './docker-endpoint';
import type { Effects } from './hosts/effects';
import type { FenceOwner } from './hosts/fence';
import type { Ledger } from './hosts/ledger';
import type { Redirects } from './hosts/redirect';
import type { Masker } from './hosts/secrets';
import type { Front } from './model/desired';
import type { Source, Step, Timings } from './model/plan';
import type { Probe } from './probes/probe';
import type { ProxyAdapter } from './proxies/proxy';
import type { Engine } from './runtimes/docker/engine';
import type { Network, Runtime } from './runtimes/runtime';
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
  /** Where that engine is: this worker's connections stay with it, whatever `docker context use` says since. */
  endpoint: DockerEndpoint;
  effects: Effects;
  ledger: Ledger;
  proxyOf(spec: ProxySpec): ProxyAdapter;
  /** Containers of proxies that Belay runs. */
  fronts: Fronts;
  /** Whoever connects to this network anew is refused from now on, and those who had come are with its programs. */
  refuseNew(network: Network, lasting: number): Promise<void>;
  probe: Probe;
  /** Runs this Belay's own command line; answers what it printed and its exit code. */
  commandLine(args: string[]): Promise<{ text: string; code: number }>;
  masker: Masker;
  temporal: {
    /** host:port, as this worker reaches it. */
    address: string;
    namespace: string;
    /** The cluster's own id: tells whether an owner of a fence can be asked. */
    cluster: string;
    isOpen(owner: FenceOwner): Promise<'open' | 'closed' | 'unknown'>;
    /** Shows what a running step has to say, and answers whether it arrived. */
    report(run: { workflowId: string; runId: string }, progress: { step: string; note: string }): Promise<boolean>;
  };
}

/** The part of proxies of Belay's own that serves one service; each seeks a state. */
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
  /** What is beside it takes nothing new, and ends when it holds nothing more. Nobody is waited for. */
  dismiss(request: { platform: string; front: Front }): Promise<void>;
  /** When those that still finish what they hold were dismissed, in milliseconds since 1970. */
  leavingSince(request: { platform: string; proxy: string; service: string }): Promise<number[]>;
  /** Names of those that are there, running or not. */
  containers(request: { platform: string; proxy: string; service: string }): Promise<string[]>;
  remove(request: { platform: string; proxy: string; service: string }): Promise<void>;
  redirects: Redirects;
}

/** What every step activity is given. */
export interface StepInput<S extends Step = Step> {
  /** The plan's. */
  format: number;
  /** Without its needs, which the walk alone goes by. */
  step: S;
  /** How often the walk has begun this step; with Temporal's own attempt it tells which try is the latest. */
  round: number;
  platform: string;
  engine: string;
  proxies: Record<string, ProxySpec>;
  by: string;
  reason: string;
  /** How often it may say something while it runs: what is said counts among the signals that a workflow takes. */
  notes?: number;
  /** The first run of its workflow, where this is a later one: the owner of what it has. */
  firstRun?: string;
  /** No worker took it in time, and people are told so: the one that does says that it has. */
  late?: true;
  /** What an attempt has left by its heartbeats, where its worker was lost and no other took the next one in time. */
  left?: unknown;
  /** For `record` alone: how long the steps of its service took. */
  timings?: Timings;
  /** For `configure`, for a `preflight` that asks for what stands outside, and for a `launch` of what the host has kept. */
  source?: Source;
}

export interface StepResult {
  /** What there is to say of it: `exit 0 after 3.1 s`. */
  note?: string;
  /** Bytes of images that are gone from the host. */
  freed?: number;
}
