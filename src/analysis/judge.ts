import { type Direction, type Effect, type Judgement, nothingYet, percent, shortage, shown } from './judgement';
import { mannWhitney, type Shift, shiftOf } from './mann-whitney';
import { withoutOutliers } from './outliers';

export interface MetricRule {
  metric: string;
  /** The unit of the values, for people: `s`. */
  unit: string;
  direction: Direction;
  critical: boolean;
  /** For example 0.98. */
  confidence: number;
  outliers: 'keep' | 'remove';
  effect: AllowedEffect;
}

/**
 * The least effect that counts as a rise. A ratio of means of 1.1 is 10 % more. `cles` is the chance that a value of the
 * new version is above one of the old: 0.5 is none. A fall is measured from the other side: 1 / 1.1, or 1 - 0.6.
 */
export interface AllowedEffect {
  kind: 'mean-ratio' | 'cles';
  allowed: number;
}

export interface Samples {
  canary: number[];
  baseline: number[];
}

/** The part of the estimate that the interval must lie above, or below, to count. */
const band = 0.25;

/**
 * Judges one metric by the values of both versions, as the Mann-Whitney judge of Netflix's Kayenta does. Values that are
 * no numbers do not count.
 */
export function judgeValues(rule: MetricRule, samples: Samples): Judgement {
  const [x, y] = [cleaned(samples.canary, rule), cleaned(samples.baseline, rule)];
  const n = { canary: x.length, baseline: y.length };
  const base = { metric: rule.metric, critical: rule.critical, n, ...nothingYet };
  const short = shortage(rule.metric, n, 'values');
  if (short) return { ...base, ...short };
  if (areEqual(x, y)) {
    return { ...base, outcome: 'pass', sentence: `${rule.metric} is the same on both sides (${counts(n)})` };
  }
  const shift = shiftOf(x, y, rule.confidence);
  const effect = effectOf(rule.effect.kind, x, y);
  const outcome = outcomeOf(rule, shift, effect);
  return { ...base, outcome, effect, shift, sentence: explained(rule, { outcome, shift, effect, n }) };
}

const cleaned = (values: number[], { outliers }: MetricRule): number[] => {
  const finite = values.filter(Number.isFinite);
  return outliers === 'remove' ? withoutOutliers(finite) : finite;
};

function areEqual(x: number[], y: number[]): boolean {
  if (new Set([...x, ...y]).size === 1) return true;
  const [a, b] = [x, y].map((values) => [...values].sort((one, other) => one - other));
  return a!.length === b!.length && a!.every((value, index) => value === b![index]);
}

function outcomeOf({ direction, effect: { kind, allowed } }: MetricRule, shift: Shift, effect: Effect | null) {
  const margin = band * Math.abs(shift.estimate);
  const least = kind === 'cles' ? 1 - allowed : 1 / allowed;
  // A ratio without a value cannot excuse a shift.
  const isRise = shift.low > margin && (effect === null || effect.value >= allowed);
  const isFall = shift.high < -margin && (effect === null || effect.value <= least);
  if (direction !== 'decrease' && isRise) return 'high';
  if (direction !== 'increase' && isFall) return 'low';
  return 'pass';
}

function effectOf(kind: AllowedEffect['kind'], x: number[], y: number[]): Effect | null {
  if (kind === 'cles') return { kind, value: mannWhitney(x, y).u / (x.length * y.length) };
  const [canary, baseline] = [mean(x), mean(y)];
  return canary >= 0 && baseline > 0 ? { kind, value: canary / baseline } : null;
}

interface Found {
  outcome: Judgement['outcome'];
  shift: Shift;
  effect: Effect | null;
  n: Judgement['n'];
}

function explained({ metric, unit, confidence }: MetricRule, { outcome, shift, effect, n }: Found): string {
  const { estimate, low, high } = shift;
  const of = unit && ` ${unit}`;
  const figures = `H ${shown(estimate)}${of}, ${percent(confidence)} interval ${shown(low)} to ${shown(high)}${of}, ${counts(n)}`;
  const end = outcome === 'pass' ? ', which is no proven fault' : '';
  return `${metric} is ${distance(effect, shift)}${end} (${figures})`;
}

function distance(effect: Effect | null, { estimate }: Shift): string {
  if (effect?.kind === 'mean-ratio') {
    return `${percent(Math.abs(effect.value - 1))} ${effect.value >= 1 ? 'higher' : 'lower'}`;
  }
  if (effect) return `higher than the old version's in ${percent(effect.value)} of all pairs`;
  return estimate >= 0 ? 'higher' : 'lower';
}

const counts = (n: Judgement['n']): string => `n ${n.canary} and ${n.baseline}`;
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
