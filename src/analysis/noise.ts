/**
 * Returns the values with normal noise of relative size 1e-5 added. The values themselves seed the noise, so equal data
 * gets equal noise.
 */
export function withNoise(values: number[]): number[] {
  const next = randomOf(values.length);
  return values.map((value) => value + 1e-5 * Math.abs(value) * gaussian(next));
}

/** Returns a generator of numbers above 0 and below 1: the minimal standard of Park and Miller (1988). */
export function randomOf(seed: number): () => number {
  let state = (Math.abs(Math.trunc(seed)) % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Returns a number of the standard normal distribution, by the transform of Box and Muller (1958). */
export const gaussian = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
