import { rootOf } from '../../src/analysis/brent';
import { normalQuantile } from '../../src/analysis/normal';

test.each([
  ['cos x = x', (x: number) => Math.cos(x) - x, { low: 0, high: 1 }, 0.7390851332151607],
  ['x^3 = 2', (x: number) => x ** 3 - 2, { low: -4, high: 5 }, 2 ** (1 / 3)],
  ['e^x = 1', (x: number) => Math.exp(-x) - 1, { low: -3, high: 2 }, 0],
])('solves %s in a third of the steps of a bisection', (_, f, bracket, root) => {
  let asked = 0;
  const counted = (x: number) => {
    asked++;
    return f(x);
  };
  expect(Math.abs(rootOf(counted, bracket, 1e-14) - root)).toBeLessThan(1e-13);
  expect(asked).toBeLessThan(17);
});

test('finds a jump as well', () => {
  expect(rootOf((x) => (x < 0.3 ? 5 : -0.1), { low: -100, high: 7 }, 1e-9)).toBeCloseTo(0.3, 8);
});

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.99, 2.3263478740408408],
  [0.9999, 3.719016485455709],
  [0.01, -2.3263478740408408],
])('the normal quantile at %d is %d', (p, value) => {
  expect(normalQuantile(p)).toBeCloseTo(value, 7);
});
