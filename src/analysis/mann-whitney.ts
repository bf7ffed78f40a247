import { rootOf } from './brent';
import { withNoise } from './noise';
import { normalQuantile } from './normal';

export interface Shift {
  /** The Hodges-Lehmann estimate of how far x lies above y: the median of all differences. */
  estimate: number;
  /** The ends of its confidence interval. */
  low: number;
  high: number;
}

export interface RankTest {
  /** The statistic U of x: how many pairs have a greater x, ties counted half. */
  u: number;
  /** The standard score of U, with correction for ties and, unless told otherwise, for continuity. */
  z: number;
}

/** A part of the range between all differences, within which an end counts as found. */
const precision = 1e-6;

/** Compares two samples by the test of Mann and Whitney, in its normal approximation. */
export const mannWhitney = (x: number[], y: number[]): RankTest => tested(ascending(x), ascending(y), 0, 0.5);

/**
 * Returns by how much x is shifted against y, as R's `wilcox.test(x, y, conf.int = TRUE, exact = FALSE)` does. Both
 * samples need a value. Two constant samples get a little noise, as their ranks have no spread.
 */
export function shiftOf(x: number[], y: number[], confidence: number): Shift {
  const constant = isConstant(x) && isConstant(y);
  const xs = ascending(constant ? withNoise(x) : x);
  const ys = ascending(constant ? withNoise(y) : y);
  const bracket = { low: xs[0]! - ys.at(-1)!, high: xs.at(-1)! - ys[0]! };
  const tolerance = precision * (bracket.high - bracket.low);
  const crossing = (score: number, correction: number): number => {
    const f = (mu: number) => tested(xs, ys, mu, correction).z - score;
    if (f(bracket.low) <= 0) return bracket.low;
    if (f(bracket.high) >= 0) return bracket.high;
    return rootOf(f, bracket, tolerance);
  };
  const z = normalQuantile((1 + confidence) / 2);
  // The score is 0 between the two middle differences: their middle is the median.
  const middle = (crossing(1e-9, 0) + crossing(-1e-9, 0)) / 2;
  return { estimate: middle, low: crossing(z, 0.5), high: crossing(-z, 0.5) };
}

function tested(xs: number[], ys: number[], mu: number, correction: number): RankTest {
  const [m, n] = [xs.length, ys.length];
  const { u, ties } = walk(xs, ys, mu);
  const d = u - (m * n) / 2;
  const variance = ((m * n) / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1)));
  return { u, z: variance > 0 ? (d - correction * Math.sign(d)) / Math.sqrt(variance) : 0 };
}

/** Returns U of x - mu and y, both ascending, and the sum of t^3 - t over all groups of t equal values. */
function walk(xs: number[], ys: number[], mu: number): { u: number; ties: number } {
  let [i, j, u, ties] = [0, 0, 0, 0];
  while (i < xs.length || j < ys.length) {
    const isX = j >= ys.length || (i < xs.length && xs[i]! - mu < ys[j]!);
    const value = isX ? xs[i]! - mu : ys[j]!;
    const [fromX, fromY] = [i, j];
    while (i < xs.length && xs[i]! - mu === value) i++;
    while (j < ys.length && ys[j] === value) j++;
    const equal = i - fromX + j - fromY;
    u += (i - fromX) * (fromY + (j - fromY) / 2);
    ties += equal ** 3 - equal;
  }
  return { u, ties };
}

const ascending = (values: number[]): number[] => [...values].sort((a, b) => a - b);
const isConstant = (values: number[]): boolean => values.every((value) => value === values[0]);
