import type { DesiredCheck } from '../model/desired';
import type { RuntimeInstance } from '../runtimes/runtime';

/** Target of a probe: the instance itself, at its own address, never through a proxy. */
export interface ProbeTarget {
  instance: RuntimeInstance;
  /** Host of its ports; absent for this machine. */
  host?: string;
  check: DesiredCheck;
  signal?: AbortSignal;
}

export type ProbeResult = { healthy: true } | { healthy: false; why: string };

/** Checks one instance once, within the check's timeout. Never throws for an unhealthy instance. */
export type Probe = (target: ProbeTarget) => Promise<ProbeResult>;
