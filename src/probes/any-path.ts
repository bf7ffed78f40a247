import { randomUUID } from 'node:crypto';
import type { Probe, ProbeTarget } from './probe';

/** Milliseconds. A service may hang on paths that it does not know. */
const longest = 500;

/**
 * Asks a ready instance once more, at a path that nobody serves, and at one beside the check's own. Returns a note if it
 * answers there as at the check's path: such a check sees only that something answers. Returns undefined for any other
 * check. Throws only the signal's reason.
 */
export async function anyPathNote(probe: Probe, target: ProbeTarget): Promise<string | undefined> {
  const { http, json, method = 'GET' } = target.check;
  if (http === undefined || json || method !== 'GET') return undefined;
  const timeout = Math.min(target.check.timeout, longest);
  const answersIn = async (folder: string) =>
    (await probe({ ...target, check: { ...target.check, http: `${folder}${randomUUID()}`, timeout } })).healthy;
  if (await answersIn('/')) return `answers any path as well as ${http}, so the check proves little`;
  const folder = http.replace(/[?#].*$/, '').replace(/[^/]*$/, '');
  if (folder === '/' || !(await answersIn(folder))) return undefined;
  return `answers any path below ${folder} as well as ${http}, so the check may prove little`;
}
