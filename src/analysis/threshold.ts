import type { Verdict } from './verdict';

/** What one measurement of a metric said of its condition. */
export type Measurement = 'successful' | 'failed' | 'inconclusive' | 'error';

/** As in an AnalysisTemplate of Argo Rollouts. */
export interface Limits {
  /** Measurements that make a metric complete; errors do not count. */
  count: number;
  /** By default 0. */
  failureLimit: number;
  /** By default 0. */
  inconclusiveLimit: number;
  /** By default 4. */
  consecutiveErrorLimit: number;
}

export interface Tally {
  successful: number;
  failed: number;
  inconclusive: number;
  /** Errors since the last measurement that was none. */
  consecutiveErrors: number;
}

export type Phase = 'running' | 'successful' | 'inconclusive' | 'error' | 'failed';

export const defaultLimits = { failureLimit: 0, inconclusiveLimit: 0, consecutiveErrorLimit: 4 };

export const noMeasurements: Tally = { successful: 0, failed: 0, inconclusive: 0, consecutiveErrors: 0 };

/** Returns the tally after one more measurement. */
export const measured = (tally: Tally, measurement: Measurement): Tally =>
  measurement === 'error'
    ? { ...tally, consecutiveErrors: tally.consecutiveErrors + 1 }
    : { ...tally, [measurement]: tally[measurement] + 1, consecutiveErrors: 0 };

/** Returns where a metric stands. It succeeds when it is complete, within its limits, and was successful once or more. */
export function phaseOf(tally: Tally, limits: Limits): Phase {
  if (tally.failed > limits.failureLimit) return 'failed';
  if (tally.inconclusive > limits.inconclusiveLimit) return 'inconclusive';
  if (tally.consecutiveErrors > limits.consecutiveErrorLimit) return 'error';
  if (tally.successful + tally.failed + tally.inconclusive < limits.count) return 'running';
  return tally.successful > 0 ? 'successful' : 'inconclusive';
}

/** Returns what the worst of all metrics asks for; `undecided` while one still runs. No metric at all holds. */
export function thresholdVerdict(phases: Phase[]): Verdict | 'undecided' {
  if (phases.includes('failed') || phases.includes('error')) return 'roll-back';
  if (phases.length === 0 || phases.includes('inconclusive')) return 'hold';
  return phases.includes('running') ? 'undecided' : 'advance';
}
