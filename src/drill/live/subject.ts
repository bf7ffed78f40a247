import type { DesiredCheck } from '../../model/desired';
import type { DrillScenario } from '../../model/plan';
import type { ProbeResult } from '../../probes/probe';
import type { DrilledInstance, Drills } from '../../runtimes/drills';

/** The instance to stop, and the means to do so. */
export interface Subject {
  drills: Drills;
  name: string;
  scenario: DrillScenario;
  /** Makes the readiness check once, at this host in place of this machine. */
  check(view: DrilledInstance, check: DesiredCheck, host?: string): Promise<ProbeResult>;
  mask(text: string): string;
  say(note: string): void;
  /** Ends the drill. */
  signal: AbortSignal;
}
