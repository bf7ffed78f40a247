import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shortagesHere } from '../../src/cli/shortages';
import { wayOut } from '../../src/cli/way-out';
import { takeFence } from '../../src/hosts/fence';
import { shortages } from '../../src/observe/shortages';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { ownLabels, runs } from '../fakes/running';
import { desired } from '../hosts/support';

const home = mkdtempSync(join(tmpdir(), 'belay-shortages-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const site = { proxies: {}, ports: { first: 1, last: 2 } };
const asker = { namespace: 'default', cluster: 'c', isOpen: async () => 'open' as const };
const key = { platform: 'shop', service: 'api' };

test('fewer instances than the head says are told, and those of another revision do not count', async () => {
  const runtime = fakeRuntime();
  const deps = fakeDeps({ home, runtime });
  expect(await shortages(deps, 'shop')).toEqual([]);
  const own = deps.ledger.of(key);
  const released = desired({ instances: 2 });
  await own.writePending({
    task: { kind: 'run' },
    number: 1,
    desired: released,
    site,
    by: '',
    reason: '',
    release: 'r',
  });
  await own.setHead(1);
  const { fingerprint } = released;
  await runs(runtime, { name: 'shop-api-r1-1', image: 'a', labels: ownLabels({ fingerprint }) });
  await runs(runtime, { name: 'shop-api-r0-9', image: 'a', labels: ownLabels({ fingerprint: 'other' }) });
  expect(await shortages(deps, 'shop')).toEqual([
    { service: 'api', text: 'api: only 1 of the 2 instances of revision 1 runs' },
  ]);
  await runs(runtime, { name: 'shop-api-r1-2', image: 'a', labels: ownLabels({ fingerprint }) });
  expect(await shortages(deps, 'shop')).toEqual([]);
  runtime.exit('shop-api-r1-1', 137);
  expect(await shortages(deps, 'shop')).toHaveLength(1);
});

test('they are looked up in the ledger of the home that the shell names, and a workflow that has the service is told', async () => {
  const runtime = fakeRuntime();
  const { ledger } = fakeDeps({ home, runtime });
  const token = { platform: 'blog', service: 'web', epoch: 1, owner: { workflowId: 'release/blog/a', runId: 'a' } };
  await ledger.of(token).writePending({
    task: { kind: 'run' },
    number: 1,
    desired: desired({ service: 'web' }),
    site,
    by: '',
    reason: '',
    release: 'r',
  });
  await ledger.of(token).setHead(1);
  const text = 'web: none of the 2 instances of revision 1 runs';
  const here = () => shortagesHere({ BELAY_HOME: home }, 'blog', runtime);
  expect(await here()).toEqual([{ service: 'web', text }]);
  await takeFence({ home, token: { ...token, step: 'web/claim', attempt: 1 }, takeOver: false, ...asker });
  expect(await here()).toEqual([{ service: 'web', text, owner: 'release/blog/a' }]);
  expect(await shortagesHere({ BELAY_HOME: join(home, 'other') }, 'blog', runtime)).toEqual([]);
});

test('the way out names the workflow that has the service', () => {
  const service = 'api';
  expect(wayOut({ service })).toMatch(/^belay restart --service api starts all of them in the version that ran; /);
  expect(wayOut({ service, owner: 'release/shop/a' })).toContain('belay status release/shop/a');
});
