import fc from 'fast-check';
import { judgeValues, type MetricRule } from '../../src/analysis/judge';
import { withoutOutliers } from '../../src/analysis/outliers';
import { latencyRule } from './simulated';

const rule = latencyRule;

const baseline = Array.from({ length: 20 }, (_, index) => 0.2 + index / 1000);
const slower = baseline.map((value) => value + 0.042);

test('explains a rise with its figures', () => {
  const found = judgeValues(rule, { canary: slower, baseline });
  expect(found).toMatchObject({ metric: 'latency', outcome: 'high', n: { canary: 20, baseline: 20 } });
  expect(found.effect).toEqual({ kind: 'mean-ratio', value: expect.closeTo(1.2005, 4) });
  expect(found.shift!.estimate).toBeCloseTo(0.042, 5);
  expect(found.sentence).toBe('latency is 20 % higher (H 0.042 s, 98 % interval 0.037 to 0.047 s, n 20 and 20)');
});

test.each([
  ['increase', slower, 'high'],
  ['decrease', slower, 'pass'],
  ['either', slower, 'high'],
  ['increase', baseline.map((value) => value - 0.05), 'pass'],
  ['decrease', baseline.map((value) => value - 0.05), 'low'],
  ['either', baseline.map((value) => value - 0.05), 'low'],
] as const)('goes by the direction: %s', (direction, canary, outcome) => {
  expect(judgeValues({ ...rule, direction }, { canary: [...canary], baseline }).outcome).toBe(outcome);
});

test.each([
  [{ kind: 'mean-ratio', allowed: 1.19 }, 'high'],
  [{ kind: 'mean-ratio', allowed: 1.21 }, 'pass'],
  [{ kind: 'cles', allowed: 0.9 }, 'high'],
] as const)('allows an effect below %j', (effect, outcome) => {
  const found = judgeValues({ ...rule, effect }, { canary: slower, baseline });
  expect(found.outcome).toBe(outcome);
  if (outcome === 'pass') expect(found.sentence).toContain('20 % higher, which is no proven fault (H 0.042 s');
});

test('judges by the interval alone if the old mean is 0', () => {
  const found = judgeValues(
    { ...rule, effect: { kind: 'mean-ratio', allowed: 2 } },
    {
      canary: [1, 2, 3, 4, 5],
      baseline: [0, 0, 0, 0, 0],
    },
  );
  expect(found).toMatchObject({ outcome: 'high', effect: null });
});

test.each([
  ['nothing of the new version', [], baseline, 'no-data'],
  ['nothing of the old one', slower, [], 'no-data'],
  ['only what is no number', [Number.NaN, Infinity], baseline, 'no-data'],
  ['four values', slower.slice(0, 4), baseline, 'inconclusive'],
  ['four values and what is none', [...slower.slice(0, 4), Number.NaN], baseline, 'inconclusive'],
  ['four equal values', [1, 1, 1, 1], [1, 1, 1, 1], 'inconclusive'],
] as const)('never passes with %s', (_, canary, old, outcome) => {
  expect(judgeValues(rule, { canary: [...canary], baseline: [...old] }).outcome).toBe(outcome);
});

test('passes equal samples, in whatever order', () => {
  const found = judgeValues(rule, { canary: [...baseline].reverse(), baseline });
  expect(found).toMatchObject({ outcome: 'pass', sentence: 'latency is the same on both sides (n 20 and 20)' });
  expect(judgeValues(rule, { canary: Array(5).fill(7), baseline: Array(9).fill(7) }).outcome).toBe('pass');
});

test('removes outliers only if asked', () => {
  const usual = Array.from({ length: 200 }, (_, index) => 1 + index / 1000);
  expect(withoutOutliers([...usual, 100])).toEqual(usual);
  expect(withoutOutliers([])).toEqual([]);
  const samples = { canary: [...usual, 100], baseline: usual };
  expect(judgeValues(rule, samples).n.canary).toBe(201);
  expect(judgeValues({ ...rule, outliers: 'remove' }, samples).n.canary).toBe(200);
});

test('calls high what it calls low with the sides swapped', () => {
  const sample = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 5, maxLength: 15 });
  const either: MetricRule = { ...rule, direction: 'either', effect: { kind: 'cles', allowed: 0.6 } };
  const mirror: Record<string, string> = { high: 'low', low: 'high', pass: 'pass' };
  fc.assert(
    fc.property(sample, sample, (canary, old) => {
      const found = judgeValues(either, { canary, baseline: old });
      const swapped = judgeValues(either, { canary: old, baseline: canary });
      expect(swapped.outcome).toBe(mirror[found.outcome]);
    }),
  );
});
