import { readFence } from '../../src/hosts/fence';
import { createLedger } from '../../src/hosts/ledger';
import type { Bed, LoadResult } from '../../testbed';
import type { Platform } from '../../testbed/platform';
import { createdBetween, type Instance, instancesOf, versionAt } from './containers';
import { serversOf } from './servers';

export interface Settled {
  bed: Bed;
  platform: Platform;
  instances: number;
  /** Start of the release under test, in milliseconds. No container may be created twice since then. */
  since: number;
  /** The load's result; no request may have failed. */
  report?: LoadResult;
  /** The version that every instance answers. */
  version?: string;
  /** The number of the ledger's head. */
  head?: number;
  /** Containers that were created since; where absent, each name at most once. */
  created?: string[];
}

const service = 'api';

/** The one end that every release has to come to, whatever happened on its way. */
export async function expectSettled(settled: Settled): Promise<void> {
  const { bed, platform, report } = settled;
  const created = await createdBetween(platform.name, settled);
  const instances = await instancesOf(platform.name);
  const end = {
    running: instances.map(({ name, state }) => `${name} ${state}`),
    strangers: await strangers(platform, instances),
    servers: await serversOf(bed.haproxy),
    ...(await bookkeeping(platform)),
    versions: await Promise.all(instances.map(({ port }) => versionAt(port).catch((error) => String(error)))),
    createdTwice: created.filter((name, index) => created.indexOf(name) !== index),
  };
  expect(end).toEqual({
    running: instances.slice(0, settled.instances).map(({ name }) => `${name} running`),
    strangers: [],
    servers: expectedServers(end.servers, instances),
    pending: [],
    headState: 'recorded',
    owner: undefined,
    versions: Array.from({ length: settled.instances }, () => settled.version ?? end.versions[0]),
    createdTwice: [],
  });
  expect(end.servers.filter(({ state }) => state === 'ready')).toHaveLength(settled.instances);
  if (settled.created) expect([...created].sort()).toEqual([...settled.created].sort());
  if (settled.head !== undefined) expect(await headOf(platform)).toBe(settled.head);
  if (report) expectNoneFailed(report);
}

/** Not one request failed, where its client sees it. */
export function expectNoneFailed({ requests, failed, failures }: LoadResult): void {
  expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
  expect(requests).toBeGreaterThan(0);
}

/** Returns the number of the ledger's head. */
export const headOf = (platform: Platform): Promise<number | undefined> => ledgerOf(platform).head();

export const ledgerOf = ({ home, name }: Platform) => createLedger({ home }).of({ platform: name, service });

/** Instances that are neither of the revision that the ledger's head names nor just like it. */
async function strangers(platform: Platform, instances: Instance[]): Promise<string[]> {
  const head = await headOf(platform);
  const revision = head === undefined ? undefined : await ledgerOf(platform).revision(head);
  const own = (one: Instance) =>
    head === 0
      ? one.revision === undefined
      : one.revision === head || one.fingerprint === revision?.desired.fingerprint;
  return instances
    .filter((one) => !own(one))
    .map(({ name, revision: number }) => `${name} is of revision ${number}, the head is ${head}`);
}

async function bookkeeping(platform: Platform) {
  const revisions = await ledgerOf(platform).revisions();
  const head = await headOf(platform);
  const { owner } = await readFence({ home: platform.home, platform: platform.name, service });
  return {
    pending: revisions.filter(({ state }) => state === 'pending').map(({ number }) => number),
    headState: revisions.find(({ number }) => number === head)?.state,
    owner,
  };
}

/** Returns one server in traffic for each instance, at its port; every other server is in maintenance. */
function expectedServers(servers: Awaited<ReturnType<typeof serversOf>>, instances: Instance[]) {
  const addresses = instances.map(({ port }) => `127.0.0.1:${port}`);
  const first = (address: string, index: number) =>
    servers.findIndex((one) => one.address === address && one.state !== 'maint') === index;
  return servers.map((server, index) => ({
    ...server,
    state: addresses.includes(server.address) && first(server.address, index) ? 'ready' : 'maint',
  }));
}
