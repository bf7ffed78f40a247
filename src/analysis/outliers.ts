/**
 * Returns the values inside wide fences: three interquartile ranges beyond the quartiles, and never inside the first and
 * last percentile.
 */
export function withoutOutliers(values: number[]): number[] {
  if (values.length === 0) return [];
  const sorted = [...values].sort((a, b) => a - b);
  const [p1, q1, q3, p99] = [0.01, 0.25, 0.75, 0.99].map((p) => quantile(sorted, p)) as [
    number,
    number,
    number,
    number,
  ];
  const low = Math.min(p1, q1 - 3 * (q3 - q1));
  const high = Math.max(p99, q3 + 3 * (q3 - q1));
  return values.filter((value) => value >= low && value <= high);
}

/** The quantile R-7 of Hyndman and Fan (1996), of ascending values. */
function quantile(sorted: number[], p: number): number {
  const at = (sorted.length - 1) * p;
  const below = sorted[Math.floor(at)]!;
  return below + (at % 1) * (sorted[Math.ceil(at)]! - below);
}
