export interface Counts {
  errors: number;
  requests: number;
}

/**
 * Returns the chance that x has at least as many errors as here, if both sides had one common rate: Fisher's exact test,
 * one-sided. R. A. Fisher, "Statistical Methods for Research Workers" (1934), section 21.02.
 */
export function chanceOfMore(x: Counts, y: Counts): number {
  const errors = x.errors + y.errors;
  const last = Math.min(errors, x.requests);
  let term = Math.exp(logChance(x, y));
  if (term === 0) return isBelowMode(x, y) ? 1 : 0;
  let sum = term;
  for (let k = x.errors; k < last; k++) {
    const ratio = ((errors - k) / (k + 1)) * ((x.requests - k) / (y.requests - errors + k + 1));
    term *= ratio;
    sum += term;
    if (ratio < 1 && term < 1e-17 * sum) break;
  }
  return Math.min(1, sum);
}

/** Returns the chance that x has at most as many errors as here: those that succeeded are then at least as many. */
export const chanceOfFewer = (x: Counts, y: Counts): number => chanceOfMore(successes(x), successes(y));

const successes = ({ errors, requests }: Counts): Counts => ({ errors: requests - errors, requests });

const isBelowMode = (x: Counts, y: Counts): boolean => x.errors * y.requests < y.errors * x.requests;

/** The logarithm of the hypergeometric chance of exactly these counts. */
const logChance = (x: Counts, y: Counts): number =>
  logChoose(x.requests, x.errors) +
  logChoose(y.requests, y.errors) -
  logChoose(x.requests + y.requests, x.errors + y.errors);

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** The logarithms of 0! to 31!. */
const small = [0];
for (let n = 1; n < 32; n++) small.push(small[n - 1]! + Math.log(n));

/** Stirling's series of log gamma: from 32 on, three terms of it are exact to 1e-13. */
function logFactorial(n: number): number {
  if (n < 32) return small[n]!;
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series;
}
