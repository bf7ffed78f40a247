import type { DesiredCheck } from '../model/desired';
import type { ProgramEnd, RuntimeInstance } from '../runtimes/runtime';
import type { Told } from './host-program';

/** Target of a probe: the instance itself, at its own address, never through a proxy. */
export interface ProbeTarget {
  instance: RuntimeInstance;
  /** Host of its ports; absent for this machine. */
  host?: string;
  check: DesiredCheck;
  /** Runs a program inside the instance; absent if its runtime cannot. */
  run?: RunInside;
  log?: ReadLog;
  /** For a program of this host: whose the instance is, and how secrets in its output are hidden. */
  beside?: { owner: Pick<Told, 'platform' | 'service'>; mask: (text: string) => string };
  signal?: AbortSignal;
}

/** Its output is masked. */
export type RunInside = (argv: string[], signal: AbortSignal) => Promise<ProgramEnd>;

/** Returns the log since the instance's start, unmasked. */
export type ReadLog = () => Promise<string>;

export type ProbeResult = { healthy: true } | Unhealthy;

interface Unhealthy {
  healthy: false;
  why: string;
  /** The version that the answer tells, where it is another one. */
  told?: string;
  /** Set if a version was asked for, and the server's answer tells none. */
  silent?: true;
}

/** Checks one instance once, within the check's timeout. Never throws for an unhealthy instance. */
export type Probe = (target: ProbeTarget) => Promise<ProbeResult>;
