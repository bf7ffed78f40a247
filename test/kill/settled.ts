import { readdirSync } from 'node:fs';
import { readFence } from '../../src/hosts/fence';
import { createLedger } from '../../src/hosts/ledger';
import { platform } from './host';
import type { Scene } from './scenes';
import type { Stage } from './stage';

const key = { platform, service: 'api' };

/** The one end that a release has to come to, wherever its workers have died. */
export async function expectSettled({ host }: Stage, { running, jobs = [], files = {}, data }: Scene): Promise<void> {
  const { home, instances } = host;
  const ledger = createLedger({ home }).of(key);
  const head = await ledger.head();
  const revisions = await ledger.revisions();
  const names = instances.names();
  const end = {
    running: await Promise.all(names.map(host.versionOf)),
    owner: (await readFence({ home, ...key })).owner,
    pending: revisions.filter(({ state }) => state === 'pending').map(({ number }) => number),
    data: data && readdirSync(host.data),
    drilled: host.drills.names(),
    headState: revisions.find(({ number }) => number === head)?.state,
  };
  expect(host.read()).toMatchObject(files);
  expect(host.runtime.jobs.map((one) => one.split(': ')[1])).toEqual(jobs);
  expect(end).toEqual({
    running,
    owner: undefined,
    pending: [],
    data: data && [data],
    drilled: [],
    headState: running.length > 0 ? 'recorded' : undefined,
  });
}
