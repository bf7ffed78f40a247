import { metricMeter } from '@temporalio/workflow';
import { counters, endings, type WatchOutcome, watchEndings } from '../src/model/counters';
import type { Outcome, ReleaseStatus } from '../src/model/status';

const releases = metricMeter.createCounter(...counters.releases);
const watches = metricMeter.createCounter(...counters.watches);
const durations = metricMeter.createHistogram(
  'belay_release_duration_seconds',
  'float',
  's',
  'From the start of a workflow to its end',
);
const rollbacks = metricMeter.createCounter('belay_rollback_total', '1', 'Releases that went back');
const recoveries = metricMeter.createHistogram(
  'belay_recovery_seconds',
  'float',
  's',
  'From the moment a release turned back, or a rollback began, until the former revision served again',
);

export interface Times {
  /** Milliseconds since 1970. */
  began: number;
  /** The time when the rollback began, if there was one. */
  turned?: number;
}

/** Starts the counter of each outcome at zero: `increase()` cannot see the first event of a new counter. */
export function measureBegin({ platform, kind }: ReleaseStatus): void {
  for (const outcome of endings) releases.add(0, { platform, kind, outcome });
}

/**
 * Measures the end of a workflow. Replays and dry runs measure nothing, and neither does a workflow that was refused
 * before it had a plan.
 */
export function measureEnd({ platform, kind, outcome, plan }: ReleaseStatus, { began, turned }: Times): void {
  if (outcome === undefined || plan === undefined) return;
  const now = Date.now();
  releases.add(1, { platform, kind, outcome });
  durations.record((now - began) / 1000, { platform, kind, outcome });
  if (kind === 'release' && turned !== undefined) rollbacks.add(1, { platform, outcome });
  const back = outcome === 'reverted' ? began : turned;
  if (back !== undefined && !mixed.includes(outcome))
    recoveries.record((now - back) / 1000, { platform, kind, outcome });
}

/** Starts the counter of each end of a watch at zero. */
export function measureWatchBegin(platform: string): void {
  for (const outcome of watchEndings) watches.add(0, { platform, outcome });
}

export const measureWatchEnd = (platform: string, outcome: WatchOutcome): void => watches.add(1, { platform, outcome });

/** Outcomes that leave the former revision out of service. */
const mixed: Outcome[] = ['left', 'incomplete', 'superseded'];
