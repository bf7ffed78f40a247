/** Times of a HEALTHCHECK, in milliseconds; Docker's own where absent. */
export interface HealthTimes {
  interval?: number;
  timeout?: number;
  startPeriod?: number;
  startInterval?: number;
}

/** Docker's own times, in milliseconds. */
export const usualTimes = { interval: 30_000, timeout: 30_000, startInterval: 5_000 };

/** The API of Docker Engine 25, the first to ask at the start_interval within the start_period. */
export const startIntervalApi = '1.44';

/** Milliseconds from the start of a container to its first HEALTHCHECK, by an engine that has start_interval or not. */
export const firstCheck = (
  { interval, startPeriod, startInterval }: HealthTimes,
  { hasStartInterval }: { hasStartInterval: boolean },
): number =>
  hasStartInterval && startPeriod ? startInterval || usualTimes.startInterval : interval || usualTimes.interval;

/** A first HEALTHCHECK after more than so many milliseconds makes each release wait long. */
export const longFirstCheck = 10_000;
