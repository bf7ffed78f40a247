import { join } from 'node:path';
import { BelayError } from '../../../errors';
import { listFolder, readText } from '../../../hosts/file';
import { namesFile, newerFile, parseFile } from '../../../hosts/format';
import { writeJson } from '../../../hosts/json-file';
import type { Proxy } from '../../proxy';
import { setNames } from '../../sets';
import { haproxyVerbs } from '..';
import { nameAddressing } from '../addressing';
import { locate } from './locate';
import { type ManagedKey, proxyFolder, type UnitPaths, unitPaths } from './unit';

export interface ManagedProxyDeps extends ManagedKey {
  /** Runs one act at a time for a name, over all processes of the host. */
  lock: <T>(name: string, act: () => Promise<T>) => Promise<T>;
}

/** Returns the lock of a unit, for a change of its containers or its servers. Both know its folder. */
export const lockName = ({ folder }: UnitPaths): string => `managed:${folder}`;

/**
 * Creates the proxy of a front that `ensureFront` has started. An address is a container's name and the route's port,
 * `shop-api-1:8080`; a name without an address fails its check.
 */
export function managedProxy(deps: ManagedProxyDeps): Proxy {
  const verbs = async (backend: string): Promise<Proxy> => {
    const unit = await unitOf(deps, backend);
    const paths = unitPaths(deps, unit);
    return haproxyVerbs({
      locate: () => locate(paths),
      locked: (act) => deps.lock(lockName(paths), act),
      addressing: nameAddressing,
    });
  };
  return {
    stage: async (ref, address) => (await verbs(ref.backend)).stage(ref, address),
    admit: async (ref) => (await verbs(ref.backend)).admit(ref),
    drain: async (ref) => (await verbs(ref.backend)).drain(ref),
    remove: async (ref) => (await verbs(ref.backend)).remove(ref),
    async weigh(shares) {
      for (const share of shares) await (await verbs(share.backend)).weigh([share]);
    },
    observe: async (backend) => (await verbs(backend)).observe(backend),
    isSticky: async (backend) => (await verbs(backend)).isSticky(backend),
    // The release writes the lines before the first instance comes.
    unchosen: async () => undefined,
    sets: {
      observe: async (key) => (await verbs(setNames(key)[0])).sets!.observe(key),
      choose: async (key, backend) => (await verbs(setNames(key)[0])).sets!.choose(key, backend),
    },
  };
}

const pathOf = ({ folder }: UnitPaths): string => join(folder, 'backends.json');

/** Records the unit's backends for callers that know only a backend's name. */
export const recordBackends = (paths: UnitPaths, backends: string[]): Promise<void> =>
  writeJson(pathOf(paths), backends);

/** A file that cannot be used stays where it is: without it instances in traffic would count as out. */
async function unitOf(key: ManagedKey, backend: string): Promise<string> {
  let unusable: BelayError | undefined;
  for (const unit of await listFolder(proxyFolder(key))) {
    const path = pathOf(unitPaths(key, unit));
    const text = await readText(path);
    if (text === undefined) continue;
    const parsed = parseFile(text, namesFile);
    if ('newer' in parsed) unusable = newerFile(path, parsed.newer, namesFile);
    else if ('problem' in parsed) unusable = damaged(path, parsed.problem);
    else if (parsed.value.includes(backend)) return unit;
  }
  if (unusable) throw unusable;
  throw new BelayError('proxy-refused', `the managed proxy ${key.name} of ${key.platform} has no backend ${backend}`, {
    hint: "Compare the route's backend with belay.yaml, and release the service once.",
  });
}

const damaged = (path: string, problem: string): BelayError =>
  new BelayError(
    'ledger-damaged',
    `${path} cannot be used: ${problem}; without it nobody can tell what is in traffic`,
    {
      hint: 'write it anew as a JSON list of the backends that haproxy.cfg in the folders beside it has, such as ["api"]; then run again',
    },
  );
