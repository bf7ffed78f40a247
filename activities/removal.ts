import { drainsOf } from '../src/hosts/drains';
import { listFolder } from '../src/hosts/file';
import { hostPaths, type ServiceKey } from '../src/hosts/home';
import { leftoversOf } from '../src/hosts/leftovers';
import type { ObservedService } from '../src/spec/observed';
import type { Removal } from '../src/spec/plan';
import type { Deps } from './deps';
import { allLogsOf, keepOf, logsOf, shelfOf } from './kept-revisions';
import { unkeptProxyImages } from './proxy-images';
import { imagesOf, revisionTag } from './pull';

/** Everything that the host has of a service. */
export async function wholeOf(deps: Deps, key: ServiceKey, seen: ObservedService): Promise<Removal> {
  const { home, runtime, ledger } = deps;
  const revisions = await ledger.of(key).revisions();
  const written = await listFolder(hostPaths(home).logs);
  const drains = (await drainsOf({ home, ...key })).map((name) => `drains/${name}`);
  return {
    ...key,
    instances: seen.instances.filter((one) => one.fingerprint !== 'lost').map(({ name }) => name),
    servers: seen.instances.flatMap(({ slots }) =>
      slots.map(({ proxy, backend, server }) => `${proxy}/${backend}/${server}`),
    ),
    images: await runtime.images(imagesOf(key)),
    configurations: revisions.filter((one) => one.configuration || one.snapshots).map(({ number }) => number),
    logs: allLogsOf(written, key, revisions),
    leftovers: [...drains, ...(await leftoversOf({ home, ...key }))],
  };
}

/**
 * What no revision of a service keeps. Only what the ledger of this host has a record of is touched: another home on the
 * same engine has other services.
 */
export async function unkeptOf(deps: Deps, key: ServiceKey): Promise<Removal> {
  const { home, runtime } = deps;
  const { past } = await shelfOf(deps, key, await keepOf(deps, key));
  const written = await listFolder(hostPaths(home).logs);
  const isPast = ({ tag }: { tag: string }) =>
    past.some(({ number }) => tag === revisionTag(key.platform, key.service, number));
  return {
    ...key,
    instances: [],
    servers: [],
    images: [...(await runtime.images(imagesOf(key))).filter(isPast), ...(await unkeptProxyImages(deps, key))],
    configurations: past.filter((one) => one.configuration || one.snapshots).map(({ number }) => number),
    logs: past.flatMap((one) => logsOf(written, key, one)),
    leftovers: await leftoversOf({ home, ...key }),
  };
}

export const isNothing = ({ instances, servers, images, configurations, logs, leftovers }: Removal): boolean =>
  [instances, servers, images, configurations, logs, leftovers].every((list) => list.length === 0);
