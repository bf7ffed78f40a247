import { takeFence } from '../../src/hosts/fence';
import type { DesiredService } from '../../src/model/desired';
import { fleetNow } from '../../src/observe/fleet-now';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeProxy, fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { ownLabels, runs } from '../fakes/running';
import { desired, useHome } from '../hosts/support';

const home = useHome();
const routes = [{ proxy: 'edge', backend: 'api', port: 8080 }];
const site = {
  proxies: { edge: { kind: 'haproxy' as const, socket: '/run/a.sock', config: '/etc/a.cfg' } },
  ports: { first: 20_000, last: 20_999 },
};
let runtime: FakeRuntime;
let proxy: FakeProxy;
const world = () => fakeDeps({ home: home.path(), runtime, proxyOf: adaptersOf(() => proxy) });
const fleet = (...services: string[]) => fleetNow(world(), { platform: 'shop', services });

beforeEach(() => {
  runtime = fakeRuntime();
  proxy = fakeProxy({ backends: { api: ['s1', 's2', 's3'] } });
});

async function released(number: number, more: Partial<DesiredService> = {}): Promise<void> {
  const own = world().ledger.of({ platform: 'shop', service: 'api' });
  const wanted = desired({ routes, fingerprint: `f${number}`, instances: 2, ...more });
  await own.writePending({ task: { kind: 'run' }, number, desired: wanted, site, by: '', reason: '', release: 'r' });
  await own.setState(number, 'recorded');
  await own.setHead(number);
}

/** An instance that runs; the proxy's server of this name leads to it. */
async function instance(revision: number, server: string, state: 'ready' | 'drain' = 'ready'): Promise<string> {
  const port = 20_000 + Number(server.slice(1));
  const name = `shop-api-r${revision}-${server.slice(1)}`;
  const labels = ownLabels({ revision, fingerprint: `f${revision}` });
  await runs(runtime, { name, image: 'shop/api:1', labels, ports: { 8080: port } });
  proxy.set({ backend: 'api', server }, { address: `127.0.0.1:${port}`, state });
  return name;
}

test('shows each instance with its version, its traffic and its requests in flight', async () => {
  await released(1);
  await released(2);
  const former = await instance(1, 's1', 'drain');
  const first = await instance(2, 's2');
  const second = await instance(2, 's3');
  proxy.setInFlight({ backend: 'api', server: 's1' }, 3);
  proxy.setInFlight({ backend: 'api', server: 's2' }, 7);
  const [api] = await fleet('api');
  expect(api).toMatchObject({ service: 'api', head: 2, wanted: 2 });
  expect(api).not.toHaveProperty('shortage');
  expect(api!.instances).toMatchObject([
    { name: former, revision: 1, state: 'running', traffic: 'draining', inFlight: 3, artifact: 'registry/shop/api:1' },
    { name: first, revision: 2, state: 'running', traffic: 'in', inFlight: 7 },
    { name: second, revision: 2, state: 'running', traffic: 'in', inFlight: 0 },
  ]);
});

test('says out of what gets no request: not admitted yet, taken out while it is ill, or ended', async () => {
  await released(1);
  const serving = await instance(1, 's1');
  const ill = await instance(1, 's2', 'drain');
  const fresh = await instance(2, 's3', 'drain');
  const traffic = async () =>
    (await fleet('api'))[0]!.instances.map((one) => `${one.name} ${one.state} ${one.traffic}`);
  expect(await traffic()).toEqual([`${serving} running in`, `${ill} running out`, `${fresh} running out`]);
  proxy.setInFlight({ backend: 'api', server: 's2' }, 1);
  runtime.exit(serving, 137);
  expect(await traffic()).toEqual([`${serving} exited out`, `${ill} running draining`, `${fresh} running out`]);
});

test('says what is missing, and who has the service', async () => {
  await released(1);
  const gone = await instance(1, 's1');
  runtime.exit(gone, 137);
  const token = { platform: 'shop', service: 'api', epoch: 1, owner: { workflowId: 'release/shop/a', runId: 'a' } };
  const { temporal } = world();
  await takeFence({
    home: home.path(),
    token: { ...token, step: 'api/claim', attempt: 1 },
    ...temporal,
    takeOver: false,
  });
  expect(await fleet('api')).toMatchObject([
    {
      shortage: 'api: none of the 2 instances of revision 1 runs',
      owner: 'release/shop/a',
      instances: [{ name: gone, state: 'exited', exitCode: 137 }],
    },
  ]);
});

test('shows instances also while their proxy does not answer, and says so', async () => {
  await released(1);
  await instance(1, 's1');
  proxy.unreachable(true);
  const [api] = await fleet('api');
  expect(api).toMatchObject({ unknown: 'the proxy does not answer', instances: [{ state: 'running' }] });
  expect(api!.instances[0]).not.toHaveProperty('traffic');
});

test('asks no proxy for a service without routes, and leaves out jobs and what was never released', async () => {
  await released(1, { routes: [] });
  await instance(1, 's1');
  proxy.unreachable(true);
  const [api] = await fleet('api', 'web');
  expect(api!.instances).toMatchObject([{ state: 'running' }]);
  expect(api).not.toHaveProperty('unknown');
  await released(2, { strategy: { kind: 'job', timeout: 1_000 } as never, routes: [] });
  expect(await fleet('api', 'web')).toEqual([]);
});
