import fc from 'fast-check';
import { mannWhitney, shiftOf } from '../../src/analysis/mann-whitney';
import { inputs, reference } from './reference';

test('finds the published shift and interval', () => {
  const { estimate, low, high } = shiftOf([10, 20, 30, 40], [1, 2, 3, 4], 0.95);
  expect([low, high]).toEqual([6, 39]);
  expect(estimate).toBeCloseTo(22.5, 4);
});

test('gives U and score as scipy does, for 10,000 pairs of samples with ties', () => {
  const wrong = inputs.ranks.filter(({ x, y }, index) => {
    const [u, z] = reference.ranks[index]!;
    const found = mannWhitney(x, y);
    return found.u !== u || !(Math.abs(found.z - z) < 1e-8);
  });
  expect(reference.ranks).toHaveLength(10_000);
  expect(wrong).toEqual([]);
});

test("ends the interval where scipy's score passes the quantile", () => {
  for (const [index, { x, y }] of inputs.ends.entries()) {
    const { low, high } = shiftOf(x, y, 0.98);
    expect(low).toBeCloseTo(reference.ends[index]![0], 3);
    expect(high).toBeCloseTo(reference.ends[index]![1], 3);
  }
});

const sample = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 12 });
const both = fc.tuple(sample, sample).filter(([x, y]) => new Set(x).size > 1 || new Set(y).size > 1);

test('estimates the median of all differences', () => {
  fc.assert(
    fc.property(both, ([x, y]) => {
      const all = x.flatMap((a) => y.map((b) => a - b)).sort((a, b) => a - b);
      const median = (all[(all.length - 1) >> 1]! + all[all.length >> 1]!) / 2;
      expect(shiftOf(x, y, 0.98).estimate).toBeCloseTo(median, 3);
    }),
  );
});

test('mirrors when the sides are swapped, shifts and scales with the first', () => {
  fc.assert(
    fc.property(both, fc.integer({ min: -9, max: 9 }), fc.constantFrom(0.25, 0.5, 2, 8), ([x, y], by, factor) => {
      const { estimate, low, high } = shiftOf(x, y, 0.98);
      const close = (found: ReturnType<typeof shiftOf>, wanted: number[]) => {
        const values = [found.estimate, found.low, found.high];
        for (const [index, value] of wanted.entries()) expect(values[index]).toBeCloseTo(value, 2);
      };
      close(shiftOf(y, x, 0.98), [-estimate, -high, -low]);
      close(
        shiftOf(
          x.map((value) => value + by),
          y,
          0.98,
        ),
        [estimate + by, low + by, high + by],
      );
      const scaled = (values: number[]) => values.map((value) => value * factor);
      close(shiftOf(scaled(x), scaled(y), 0.98), [estimate * factor, low * factor, high * factor]);
    }),
  );
});

test('tells two constant samples apart, the same way each time', () => {
  const [x, y] = [Array(5).fill(2), Array(5).fill(1)];
  const found = shiftOf(x, y, 0.98);
  expect(found.low).toBeGreaterThan(0.99);
  expect(found.estimate).toBeCloseTo(1, 3);
  expect(shiftOf(x, y, 0.98)).toEqual(found);
});
