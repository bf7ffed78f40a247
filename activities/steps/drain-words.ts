import type { DrainStep } from '../../src/model/plan';
import type { ProxyCapabilities } from '../../src/spec/proxies';

/** A proxy that does not count proves only that the whole time has passed. */
export const uncounted = 'uncounted';
/** The count at the end of a drain. */
export type Left = number | typeof uncounted;
export type Counts = ProxyCapabilities['inFlight'];

/** Returns what the counts of an instance's proxies prove together. */
export const weakest = (counts: Counts[]): Counts =>
  (['unknown', 'workers'] as const).find((one) => counts.includes(one)) ?? 'counted';

/** Returns the note of a drain that goes on. */
export function drainingNote(counts: Counts, inFlight: number): string {
  if (counts === 'unknown' && inFlight === 0) return 'waits: a proxy does not count requests in flight';
  return counts === 'workers' ? `${workersOf(inFlight)} may hold requests of it` : `${inFlight} in flight`;
}

/**
 * Returns the note of a drain; `time` in milliseconds. It claims no more than was seen: traffic past the proxy is
 * named. Pure.
 */
export function drainNote(
  { leaders = [] }: Pick<DrainStep, 'leaders'>,
  { left, time, counts }: { left: Left; time: number; counts: Counts },
): string {
  if (left === uncounted) return `waited ${(time / 1000).toFixed(1)} s: a proxy does not count requests in flight`;
  const counted = left === 0 ? none(counts) : `${some(counts, left)} at the deadline,`;
  const past = leaders.length > 0 ? ` at the proxy; not counted: traffic past it through ${leaders.join(' and ')}` : '';
  return `${counted} after ${(time / 1000).toFixed(1)} s${past}`;
}

/** Returns what an instance has at the deadline, as the end of a sentence. */
export const has = (counts: Counts, inFlight: number): string =>
  counts === 'workers' ? `requests in up to ${workersOf(inFlight)}` : `${inFlight} requests in flight`;

const none = (counts: Counts): string =>
  counts === 'workers' ? 'no worker of the proxy holds requests of it' : 'nothing in flight';

const some = (counts: Counts, left: number): string =>
  counts === 'workers' ? `${workersOf(left)} may still hold requests of it` : `${left} still in flight`;

const workersOf = (count: number): string => `${count} ${count === 1 ? 'worker' : 'workers'} of the proxy`;
