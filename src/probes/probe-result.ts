import type { ProbeResult } from './probe';

export type { ProbeResult } from './probe';

/** Unhealthy, and why, in a few words: `answered 503, not 200`. */
export const unhealthy = (why: string): ProbeResult => ({ healthy: false, why });
