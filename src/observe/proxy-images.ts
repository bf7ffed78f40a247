import type { Deps } from '../host';
import type { FenceToken } from '../hosts/effects';
import { readFence } from '../hosts/fence';
import type { ServiceKey } from '../hosts/home';
import type { Revision } from '../hosts/revision';
import { proxyTag, proxyTags } from '../proxies/image-tags';
import { keepOf, shelfOf } from '../revisions/kept-revisions';
import type { TaggedImage } from '../runtimes/docker/engine';

/**
 * Images of the service's present and former proxies that no kept revision of the platform needs. `without` names
 * services that do not count. An image that a container uses stays on the host when its tag is removed.
 */
export async function unkeptProxyImages(
  deps: Deps,
  { platform, service }: ServiceKey,
  without: string[] = [],
): Promise<TaggedImage[]> {
  const proxies = proxiesIn(await deps.ledger.of({ platform, service }).revisions());
  if (proxies.length === 0) return [];
  const others = (await deps.ledger.services(platform)).filter((name) => !without.includes(name));
  const kept = new Set((await Promise.all(others.map((name) => keptTags(deps, { platform, service: name })))).flat());
  const all = await Promise.all(proxies.map((proxy) => deps.engine.images(proxyTags(platform, proxy))));
  return all.flat().filter(({ tag }) => !kept.has(tag));
}

/** Services that this workflow has claimed: their images are removed together, in any order. */
export async function claimedBy({ home, ledger }: Deps, token: FenceToken): Promise<string[]> {
  const { platform, owner } = token;
  const names = await ledger.services(platform);
  const fences = await Promise.all(names.map((service) => readFence({ home, platform, service })));
  return names.filter((_, index) => fences[index]!.owner?.runId === owner.runId);
}

/** Managed proxies that the revisions of a service name. */
export const proxiesIn = (revisions: Array<Pick<Revision, 'desired'>>): string[] => [
  ...new Set(revisions.flatMap(({ desired }) => (desired.fronts ?? []).map(({ proxy }) => proxy))),
];

/** Tags that kept revisions and unfinished releases need. */
async function keptTags(deps: Deps, key: ServiceKey): Promise<string[]> {
  const { kept } = await shelfOf(deps, key, await keepOf(deps, key));
  const revisions = await deps.ledger.of(key).revisions();
  return revisions
    .filter(({ number }) => kept.has(number))
    .flatMap(({ desired }) => (desired.fronts ?? []).map(({ proxy, image }) => proxyTag(key.platform, proxy, image)));
}
