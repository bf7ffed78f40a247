import { judgeValues, type MetricRule, type Samples } from '../../src/analysis/judge';
import type { Judgement } from '../../src/analysis/judgement';
import { gaussian, randomOf } from '../../src/analysis/noise';
import { judgeRates, type RateRule } from '../../src/analysis/proportions';

export const latencyRule: MetricRule = {
  metric: 'latency',
  unit: 's',
  direction: 'increase',
  critical: false,
  confidence: 0.98,
  outliers: 'keep',
  effect: { kind: 'mean-ratio', allowed: 1 },
};

export const rateRule: RateRule = {
  metric: 'error rate',
  direction: 'increase',
  critical: false,
  confidence: 0.98,
  allowed: 1,
};

/** How many values, or requests, of each side; and the seed. */
export interface Drawn {
  n: number;
  seed: number;
}

/** Latencies of 0.2 s with log-normal noise of 0.2, those of the new version `factor` as long. */
export function latencies({ n, seed }: Drawn, factor: number): Samples {
  const next = randomOf(seed);
  const side = (median: number) => Array.from({ length: n }, () => median * Math.exp(0.2 * gaussian(next)));
  return { canary: side(0.2 * factor), baseline: side(0.2) };
}

/** Judges latencies of a new version that takes `factor` as long. */
export const latencyJudged = (drawn: Drawn, factor: number): Judgement =>
  judgeValues(latencyRule, latencies(drawn, factor));

/** Judges errors of both versions, each request failing by chance. */
export function ratesJudged({ n, seed }: Drawn, rates: { canary: number; baseline: number }): Judgement {
  const next = randomOf(seed);
  const side = (rate: number) => ({
    requests: n,
    errors: Array.from({ length: n }, next).filter((at) => at < rate).length,
  });
  return judgeRates(rateRule, { canary: side(rates.canary), baseline: side(rates.baseline) });
}

/** Returns how many of `runs` simulations, each with a seed of its own, call the new version worse. */
export function alarms(runs: number, judged: (seed: number) => Judgement): number {
  const seeds = randomOf(runs);
  const outcomes = Array.from({ length: runs }, () => judged(Math.floor(seeds() * 2 ** 31)).outcome);
  return outcomes.filter((outcome) => outcome === 'high').length;
}
