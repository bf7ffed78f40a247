import type { ProbeResult } from './probe';

export type { ProbeResult } from './probe';

/** Unhealthy, with the reason in a few words: `answered 503, not 200`. */
export const unhealthy = (why: string): Extract<ProbeResult, { healthy: false }> => ({ healthy: false, why });
