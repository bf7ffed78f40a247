import type { Revision } from '../hosts/revision';
import type { Site } from '../model/desired';

/** Proxies of several revisions, and what the host's limits are: where two say it in different ways, as the newest one does. */
export function siteOf(revisions: Revision[]): Site {
  const oldestFirst = [...revisions].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const sites = oldestFirst.flatMap(({ site }) => site ?? []);
  const { ports = { first: 0, last: -1 }, starts } = sites.at(-1) ?? {};
  return { proxies: Object.assign({}, ...sites.map(({ proxies }) => proxies)), ports, starts };
}
