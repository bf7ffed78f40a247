import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shortages } from '../../activities/shortages';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { ownLabels, runs } from '../fakes/running';
import { desired } from '../hosts/support';

const home = mkdtempSync(join(tmpdir(), 'belay-shortages-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const site = { proxies: {}, ports: { first: 1, last: 2 } };
const key = { platform: 'shop', service: 'api' };

test('fewer instances than the head says are told, and those of another revision do not count', async () => {
  const runtime = fakeRuntime();
  const deps = fakeDeps({ home, runtime });
  expect(await shortages(deps, 'shop')).toEqual([]);
  const own = deps.ledger.of(key);
  const released = desired({ instances: 2 });
  await own.writePending({ number: 1, desired: released, site, by: '', reason: '', release: 'r' });
  await own.setHead(1);
  const { fingerprint } = released;
  await runs(runtime, { name: 'shop-api-r1-1', image: 'a', labels: ownLabels({ fingerprint }) });
  await runs(runtime, { name: 'shop-api-r0-9', image: 'a', labels: ownLabels({ fingerprint: 'other' }) });
  expect(await shortages(deps, 'shop')).toEqual([{ text: 'api: only 1 of the 2 instances of revision 1 runs' }]);
  await runs(runtime, { name: 'shop-api-r1-2', image: 'a', labels: ownLabels({ fingerprint }) });
  expect(await shortages(deps, 'shop')).toEqual([]);
  runtime.exit('shop-api-r1-1', 137);
  expect(await shortages(deps, 'shop')).toHaveLength(1);
});
