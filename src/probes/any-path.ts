import { randomUUID } from 'node:crypto';
import type { Probe, ProbeTarget } from './probe';

/** Milliseconds. A service may hang on paths that it does not know. */
const longest = 500;

/**
 * Asks a ready instance once more, at a path that nobody serves. Returns a note if it answers there as at the check's
 * path: such a check sees only that something answers. Returns undefined for any other check. Throws only the signal's
 * reason.
 */
export async function anyPathNote(probe: Probe, target: ProbeTarget): Promise<string | undefined> {
  const { http, json, method = 'GET' } = target.check;
  if (http === undefined || json || method !== 'GET') return undefined;
  const timeout = Math.min(target.check.timeout, longest);
  const other = await probe({ ...target, check: { ...target.check, http: `/${randomUUID()}`, timeout } });
  return other.healthy ? `answers any path as well as ${http}, so the check proves little` : undefined;
}
