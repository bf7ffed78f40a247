/** Times of a HEALTHCHECK, in milliseconds; Docker's own where absent. */
export interface HealthTimes {
  interval?: number;
  timeout?: number;
  startPeriod?: number;
  startInterval?: number;
}

/** Docker's own times, in milliseconds. */
export const usualTimes = { interval: 30_000, timeout: 30_000, startInterval: 5_000 };

/**
 * Milliseconds from the start of a container to its first HEALTHCHECK. Within start_period Docker Engine 25 and later
 * ask at the start_interval.
 */
export const firstCheck = ({ interval, startPeriod, startInterval }: HealthTimes): number =>
  startPeriod ? startInterval || usualTimes.startInterval : interval || usualTimes.interval;

/** A first HEALTHCHECK after more than so many milliseconds makes each release wait long. */
export const longFirstCheck = 10_000;
