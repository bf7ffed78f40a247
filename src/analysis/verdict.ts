import { type Judgement, nothingYet } from './judgement';

export type Verdict = 'advance' | 'hold' | 'roll-back';

/** Scores, from 0 to 100. */
export interface Bars {
  /** At or below it a judgement rolls back. For example 50. */
  marginal: number;
  /** The last judgement advances at or above it. For example 75. */
  pass: number;
}

/** Returns a judgement for a metric whose values could not be read or judged: never a pass. */
export const failedJudgement = (metric: string, critical: boolean, reason: string): Judgement => ({
  metric,
  critical,
  outcome: 'inconclusive',
  n: { canary: 0, baseline: 0 },
  ...nothingYet,
  sentence: `${metric} could not be judged: ${reason}`,
});

/**
 * Returns the share of metrics that pass, of those that were judged, as 0 to 100. It is 0 if a critical metric is proven
 * worse or has no data, or if half of them or more have none. It is null if nothing can be said.
 */
export function scoreOf(judgements: Judgement[]): number | null {
  const count = (...outcomes: Judgement['outcome'][]): number =>
    judgements.filter(({ outcome }) => outcomes.includes(outcome)).length;
  if (judgements.length === 0) return null;
  if (judgements.some(({ critical, outcome }) => critical && outcome !== 'pass' && outcome !== 'inconclusive'))
    return 0;
  if (2 * count('no-data') >= judgements.length) return 0;
  const judged = count('pass', 'high', 'low');
  return judged === 0 ? null : (100 * count('pass')) / judged;
}

/**
 * Returns what a release does after these rounds of judgements, the last one last. Every round must score above
 * `marginal`, and the last one at least `pass`. It advances only if the last round judged every metric.
 */
export function verdictOf(rounds: Judgement[][], { marginal, pass }: Bars): Verdict {
  const scores = rounds.map(scoreOf);
  if (scores.some((score) => score !== null && score <= marginal)) return 'roll-back';
  const isJudged = rounds.at(-1)?.every(({ outcome }) => outcome !== 'no-data' && outcome !== 'inconclusive') ?? false;
  return isJudged && (scores.at(-1) ?? 0) >= pass ? 'advance' : 'hold';
}
