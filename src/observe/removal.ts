import type { Deps } from '../host';
import { drainsOf } from '../hosts/drains';
import { listFolder } from '../hosts/file';
import { hostPaths, type ServiceKey } from '../hosts/home';
import { leftoversOf } from '../hosts/leftovers';
import type { Revision } from '../hosts/revision';
import type { ObservedService } from '../model/observed';
import type { Removal } from '../model/plan';
import { allLogsOf, keepOf, logsOf, shelfOf } from '../revisions/kept-revisions';
import { runtimesIn, runtimesOnceIn } from '../revisions/runtimes-in';
import type { KeptArtifact, Runtime } from '../runtimes/runtime';
import { type RuntimeKindName, usualRuntime } from '../spec/runtimes';
import { proxiesIn, unkeptProxyImages } from './proxy-images';

/**
 * The complete traces of a service on the host; `leaving` names all services that are removed with it, itself included.
 */
export async function wholeOf(
  deps: Deps,
  key: ServiceKey,
  { seen, leaving }: { seen: ObservedService; leaving: string[] },
): Promise<Removal> {
  const { home, ledger } = deps;
  const revisions = await ledger.of(key).revisions();
  const written = await listFolder(hostPaths(home).logs);
  const drains = (await drainsOf({ home, ...key })).map((name) => `drains/${name}`);
  return {
    ...key,
    instances: seen.instances.map(({ name }) => name),
    proxies: await proxyContainers(deps, key, revisions),
    servers: [...seen.instances, ...(seen.lost ?? [])].flatMap(({ slots }) =>
      slots.map(({ proxy, backend, server }) => `${proxy}/${backend}/${server}`),
    ),
    images: [
      ...(await keptArtifacts(await runtimesOnceIn(deps, revisions), key)).map(listed),
      ...(await unkeptProxyImages(deps, key, leaving)),
    ],
    configurations: revisions.filter((one) => one.configuration || one.snapshots).map(({ number }) => number),
    logs: allLogsOf(written, key, revisions),
    leftovers: [...drains, ...(await leftoversOf({ home, ...key }))],
  };
}

/**
 * The traces of a service that no revision needs. Covers only what this host's ledger has recorded: another home on the
 * same engine has other services.
 */
export async function unkeptOf(deps: Deps, key: ServiceKey): Promise<Removal> {
  const { home } = deps;
  const { past } = await shelfOf(deps, key, await keepOf(deps, key));
  const written = await listFolder(hostPaths(home).logs);
  return {
    ...key,
    instances: [],
    proxies: [],
    servers: [],
    images: await pastArtifacts(deps, key, past),
    configurations: past.filter((one) => one.configuration || one.snapshots).map(({ number }) => number),
    logs: past.flatMap((one) => logsOf(written, key, one)),
    leftovers: await leftoversOf({ home, ...key }),
  };
}

/**
 * Images of revisions that are no longer kept, and of proxies that no kept revision names. A tag without a revision in
 * the ledger may belong to another home with the same platform name.
 */
export async function pastArtifacts(deps: Deps, key: ServiceKey, past: Revision[]): Promise<Removal['images']> {
  const isPast = (kind: RuntimeKindName, number: number) =>
    past.some((one) => one.number === number && (one.desired.runtime ?? usualRuntime) === kind);
  const runtimes = runtimesIn(
    deps,
    past.map(({ desired }) => desired),
  );
  const kept = await keptArtifacts(runtimes, key);
  const own = kept.filter(({ revision, runtime = usualRuntime }) => isPast(runtime, revision));
  return [...own.map(listed), ...(await unkeptProxyImages(deps, key))];
}

/** The artifacts kept for a service, in these runtimes. */
async function keptArtifacts(runtimes: Runtime[], key: ServiceKey) {
  const all = await Promise.all(
    runtimes.map(async ({ kind, artifacts }) =>
      (await artifacts.kept(key)).map((one) => ({ ...one, ...(kind !== usualRuntime && { runtime: kind }) })),
    ),
  );
  return all.flat();
}

const listed = ({ revision, ...one }: KeptArtifact & { runtime?: RuntimeKindName }): Removal['images'][number] => one;

/** Lists shared items once, under the first service: proxies' images and the platform's saved files. */
export function withSharedOnce(removals: Removal[]): Removal[] {
  const named = new Set<string>();
  const isNew = (one: string) => !named.has(one) && named.add(one);
  return removals.map((one) => ({
    ...one,
    images: one.images.filter(({ tag }) => isNew(tag)),
    leftovers: one.leftovers.filter(isNew),
  }));
}

export const isNothing = ({ instances, servers, images, configurations, logs, leftovers }: Removal): boolean =>
  [instances, servers, images, configurations, logs, leftovers].every((list) => list.length === 0);

async function proxyContainers({ fronts }: Deps, key: ServiceKey, revisions: Revision[]): Promise<string[]> {
  const found = proxiesIn(revisions).map((proxy) => fronts.containers({ ...key, proxy }));
  return (await Promise.all(found)).flat();
}
