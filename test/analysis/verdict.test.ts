import type { Judgement } from '../../src/analysis/judgement';
import { judgeRates, type RateRule } from '../../src/analysis/proportions';
import { failedJudgement, scoreOf, verdictOf } from '../../src/analysis/verdict';

const words: Record<string, Judgement['outcome']> = { p: 'pass', h: 'high', l: 'low', n: 'no-data', i: 'inconclusive' };

/** A metric a letter; a capital is a critical one. */
const judged = (letters: string): Judgement[] =>
  [...letters].map((letter) => ({
    ...failedJudgement('latency', letter !== letter.toLowerCase(), 'the address does not answer'),
    outcome: words[letter.toLowerCase()]!,
  }));

test.each([
  ['pppp', 100],
  ['ppph', 75],
  ['pphl', 50],
  ['pppi', 100],
  ['pppn', 100],
  ['ppnn', 0],
  ['Pph', 200 / 3],
  ['Hppp', 0],
  ['Nppp', 0],
  ['Ippp', 100],
  ['i', null],
  ['', null],
])('scores %p with %p', (letters, score) => {
  expect(scoreOf(judged(letters))).toBe(score);
});

test.each([
  [['pppp'], 'advance'],
  [['ppph'], 'advance'],
  [['pph'], 'hold'],
  [['pphl'], 'roll-back'],
  [['Hppppppp'], 'roll-back'],
  [['pph', 'pppp'], 'advance'],
  [['pphl', 'pppp'], 'roll-back'],
  [['i', 'pp'], 'advance'],
  [['pppi'], 'hold'],
  [['pppn'], 'hold'],
  [['n'], 'roll-back'],
  [['i'], 'hold'],
  [[''], 'hold'],
  [[], 'hold'],
] as const)('after %j: %s', (rounds, verdict) => {
  expect(verdictOf(rounds.map(judged), { marginal: 50, pass: 75 })).toBe(verdict);
});

test('a metric that could not be judged is inconclusive, and says why', () => {
  const found = failedJudgement('latency', true, 'http://prometheus:9090 does not answer');
  expect(found.outcome).toBe('inconclusive');
  expect(found.sentence).toBe('latency could not be judged: http://prometheus:9090 does not answer');
});

const rates: RateRule = { metric: 'error rate', direction: 'increase', critical: true, confidence: 0.98, allowed: 1 };

test.each([
  [rates, [20, 1000], [0, 1000], 'high'],
  [rates, [3, 1000], [0, 1000], 'pass'],
  [rates, [0, 1000], [20, 1000], 'pass'],
  [{ ...rates, direction: 'either' }, [0, 1000], [20, 1000], 'low'],
  [{ ...rates, direction: 'decrease' }, [0, 1000], [20, 1000], 'low'],
  [{ ...rates, allowed: 3 }, [40, 1000], [15, 1000], 'pass'],
  [rates, [5, 5], [0, 5], 'high'],
  [rates, [4, 4], [0, 4], 'inconclusive'],
  [rates, [0, 0], [0, 1000], 'no-data'],
  [rates, [5, 4], [0, 1000], 'inconclusive'],
  [rates, [Number.NaN, 1000], [0, 1000], 'inconclusive'],
] as const)('judges rates by %j: %j against %j is %s', (rule, canary, old, outcome) => {
  const [x, y] = [canary, old].map(([errors, requests]) => ({ errors, requests }));
  expect(judgeRates(rule, { canary: x!, baseline: y! }).outcome).toBe(outcome);
});

test('explains rates with their counts', () => {
  const found = judgeRates(rates, {
    canary: { errors: 5, requests: 5 },
    baseline: { errors: 0, requests: 5 },
  });
  expect(found.errors).toEqual({ canary: 5, baseline: 0, chance: expect.closeTo(1 / 252, 12) });
  expect(found.sentence).toBe(
    'error rate is 100 % (5 of 5) against 0 % (0 of 5): the chance of such a difference is 0.00397',
  );
});
