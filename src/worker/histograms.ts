const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const short = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, minute, 2 * minute, 5 * minute, 10 * minute];
const long = [1, 2.5, 5, 10, 30, minute, 2 * minute, 5 * minute, 10 * minute, 30 * minute, hour, 4 * hour, day];

/** Boundaries in seconds; the SDK's own are milliseconds. */
export const histogramBucketOverrides: Record<string, number[]> = {
  belay_step_duration_seconds: short,
  belay_drain_seconds: short,
  belay_release_duration_seconds: long,
  belay_recovery_seconds: long,
  belay_lead_time_seconds: [minute, 5 * minute, 15 * minute, hour, 4 * hour, day, 3 * day, 7 * day, 30 * day],
};
