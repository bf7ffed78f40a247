import { reached } from './reached';
import type { Outcome } from './status';

/** Counters that start at 0 with the worker: name, unit and description. Every counting process uses the same names. */
export const counters = {
  releases: ['belay_release_total', '1', 'Releases, rollbacks, drops and prunes that ended'],
  watches: ['belay_watch_total', '1', 'Watches over closed releases that ended'],
  cuts: ['belay_drain_cut_total', '1', 'Requests still in flight at the deadline of a drain'],
  kills: ['belay_forced_kill_total', '1', 'Instances killed after their grace'],
} as const;

/** Outcomes of workflows other than dry runs. */
export const endings: readonly Outcome[] = [
  ...reached,
  ...(['removed', 'unchanged', 'rolled-back', 'failed', 'rejected', 'cancelled'] as const),
  ...(['left', 'superseded', 'incomplete'] as const),
];

/** Outcomes of watches. */
export type WatchOutcome = Extract<Outcome, 'passed' | 'reverted' | 'failed' | 'superseded' | 'cancelled'>;
export const watchEndings: readonly WatchOutcome[] = ['passed', 'reverted', 'failed', 'superseded', 'cancelled'];
