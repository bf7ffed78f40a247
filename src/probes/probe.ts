import type { DesiredCheck } from '../model/desired';
import type { RuntimeInstance } from '../runtimes/runtime';

/** What is probed: the instance itself, at its own address, never through a proxy. */
export interface ProbeTarget {
  instance: RuntimeInstance;
  /** Where its ports are; this machine where absent. */
  host?: string;
  check: DesiredCheck;
  signal?: AbortSignal;
}

export type ProbeResult = { healthy: true } | { healthy: false; why: string };

/** One check of one instance, bounded by the check's timeout. Never throws for an unhealthy instance. */
export type Probe = (target: ProbeTarget) => Promise<ProbeResult>;
