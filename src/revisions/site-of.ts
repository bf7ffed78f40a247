import type { Revision } from '../hosts/revision';
import type { Site } from '../model/desired';

/** The proxies and host limits of several revisions; where they differ, the newest wins. */
export function siteOf(revisions: Revision[]): Site {
  const oldestFirst = [...revisions].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const sites = oldestFirst.flatMap(({ site }) => site ?? []);
  const { ports = { first: 0, last: -1 }, starts } = sites.at(-1) ?? {};
  return { proxies: Object.assign({}, ...sites.map(({ proxies }) => proxies)), ports, starts };
}
