export interface Bracket {
  low: number;
  high: number;
}

const rounds = 1000;

/**
 * Returns where `f` changes its sign between both ends, within `tolerance`. The signs at the ends must differ.
 * R. P. Brent, "Algorithms for Minimization without Derivatives" (1973), chapter 4, procedure `zero`.
 */
export function rootOf(f: (at: number) => number, { low, high }: Bracket, tolerance: number): number {
  let [a, b] = [low, high];
  let [fa, fb] = [f(a), f(b)];
  let [c, fc] = [a, fa];
  let step = b - a;
  let before = step;
  for (let round = 0; round < rounds; round++) {
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const least = 2 * Number.EPSILON * Math.abs(b) + tolerance / 2;
    const half = (c - b) / 2;
    if (Math.abs(half) <= least || fb === 0) return b;
    const wanted =
      Math.abs(before) >= least && Math.abs(fa) > Math.abs(fb) ? interpolated({ a, b, c, fa, fb, fc }) : half;
    const good =
      wanted / half > 0 && Math.abs(wanted) < Math.min(1.5 * Math.abs(half) - least / 2, Math.abs(before / 2));
    [before, step] = good ? [step, wanted] : [half, half];
    [a, fa] = [b, fb];
    b += Math.abs(step) > least ? step : Math.sign(half) * least;
    fb = f(b);
    if (fb > 0 === fc > 0) {
      [c, fc] = [a, fa];
      step = b - a;
      before = step;
    }
  }
  return b;
}

interface Points {
  a: number;
  b: number;
  c: number;
  fa: number;
  fb: number;
  fc: number;
}

/** Returns the step from `b` by the secant of two points, or by the inverse parabola of three. */
function interpolated({ a, b, c, fa, fb, fc }: Points): number {
  const s = fb / fa;
  if (a === c) return ((c - b) * s) / (s - 1);
  const [q, r] = [fa / fc, fb / fc];
  return (s * ((c - b) * q * (q - r) - (b - a) * (r - 1))) / -((q - 1) * (r - 1) * (s - 1));
}
