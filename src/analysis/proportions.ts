import { type Counts, chanceOfFewer, chanceOfMore } from './fisher';
import { type Direction, type Judgement, nothingYet, percent, shortage, shown } from './judgement';

export interface RateRule {
  metric: string;
  direction: Direction;
  critical: boolean;
  /** For example 0.98: then each side has a chance of 1 %. */
  confidence: number;
  /** The least ratio of rates that counts: 1.1 is 10 % more. */
  allowed: number;
}

export interface Rates {
  canary: Counts;
  baseline: Counts;
}

/** Judges the share of requests that failed, by Fisher's exact test on each side that the direction asks for. */
export function judgeRates(rule: RateRule, { canary, baseline }: Rates): Judgement {
  const n = { canary: canary.requests, baseline: baseline.requests };
  const base = { metric: rule.metric, critical: rule.critical, n, ...nothingYet };
  if (![canary, baseline].every(isCount)) {
    const sentence = `${rule.metric} has counts that cannot be: errors and requests are whole, and errors no more than requests`;
    return { ...base, outcome: 'inconclusive', sentence };
  }
  const short = shortage(rule.metric, n, 'requests');
  if (short) return { ...base, ...short };
  const [more, fewer] = [chanceOfMore(canary, baseline), chanceOfFewer(canary, baseline)];
  const [from, to] = [rateOf(baseline), rateOf(canary)];
  const outcome = outcomeOf(rule, { more, fewer, from, to });
  const chance = rule.direction === 'either' ? Math.min(more, fewer) : rule.direction === 'increase' ? more : fewer;
  const errors = { canary: canary.errors, baseline: baseline.errors, chance };
  const effect = from > 0 ? ({ kind: 'rate-ratio', value: to / from } as const) : null;
  return { ...base, outcome, effect, errors, sentence: explained(rule.metric, outcome, { canary, baseline }, chance) };
}

const isCount = ({ errors, requests }: Counts): boolean =>
  Number.isSafeInteger(errors) && Number.isSafeInteger(requests) && errors >= 0 && errors <= requests;

const rateOf = ({ errors, requests }: Counts): number => errors / requests;

interface Compared {
  more: number;
  fewer: number;
  from: number;
  to: number;
}

function outcomeOf({ direction, confidence, allowed }: RateRule, { more, fewer, from, to }: Compared) {
  const chance = (1 - confidence) / 2;
  if (direction !== 'decrease' && more < chance && to >= allowed * from) return 'high';
  if (direction !== 'increase' && fewer < chance && to * allowed <= from) return 'low';
  return 'pass';
}

function explained(metric: string, outcome: Judgement['outcome'], { canary, baseline }: Rates, chance: number): string {
  const share = ({ errors, requests }: Counts): string => `${percent(errors / requests)} (${errors} of ${requests})`;
  const end = outcome === 'pass' ? ', which is no proven fault' : '';
  return `${metric} is ${share(canary)} against ${share(baseline)}${end}: the chance of such a difference is ${shown(chance)}`;
}
