/** A series of measurements where the spec says nothing; its limits are those of Argo Rollouts. Times in milliseconds. */
export const seriesDefaults = { every: 10_000, count: 6, failures: 0, inconclusive: 0, errors: 4 };

/** Fewer values on a side cannot be compared, so a comparison never measures less often by itself. */
export const fewestCompared = 5;

/** Returns how many measurements a series makes that fills a time. */
export const countIn = (time: number, every: number): number => Math.max(1, Math.ceil(time / every));
