import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { BelayError } from '../../src/errors';
import { hmacKey } from '../../src/hosts/machine';
import { takeFenceWithPorts } from '../../src/hosts/port-claims';
import { freeLoopbackPorts } from '../../src/hosts/ports';
import type { DesiredRoute, DesiredService } from '../../src/model/desired';
import { observe } from '../../src/observe/observe';
import { changesOf } from '../../src/plan/changes';
import { environmentMarks } from '../../src/runtimes/fingerprint';
import type { ProxySpec } from '../../src/spec/spec';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeProxy, fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { composeLabels, ownLabels, runs } from '../fakes/running';
import { desiredService, someImage } from '../plan/arbitraries';

const api: DesiredRoute = { proxy: 'edge', backend: 'api', port: 8080 };
const admin: DesiredRoute = { proxy: 'edge', backend: 'admin', port: 8081 };
const site = (names: string[]) => ({
  proxies: Object.fromEntries(
    names.map((name): [string, ProxySpec] => [name, { kind: 'haproxy', socket: `/${name}`, config: '/haproxy.cfg' }]),
  ),
  ports: { first: 20_000, last: 20_099 },
});

let home: string;
let runtime: FakeRuntime;
let proxies: Record<string, FakeProxy>;
let deps: Deps;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-observe-'));
  runtime = fakeRuntime();
  proxies = {
    edge: fakeProxy({ backends: { api: ['s1', 's2'], admin: ['t1', 't2'] } }),
    old: fakeProxy({ backends: { api: ['o1'] } }),
  };
  deps = fakeDeps({
    home,
    runtime,
    proxyOf: adaptersOf((spec) => proxies['socket' in spec ? spec.socket.slice(1) : '']!),
  });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Revision 1 is on record with these routes, and its one instance runs. */
async function running(routes: DesiredRoute[], names = ['edge']): Promise<void> {
  const own = deps.ledger.of({ platform: 'shop', service: 'api' });
  const desired = desiredService({ routes, fingerprint: 'old' });
  await own.writePending({
    task: { kind: 'run' },
    number: 1,
    desired,
    site: site(names),
    by: '',
    reason: '',
    release: 'a',
  });
  await own.setState(1, 'recorded');
  await own.setHead(1);
  await runs(runtime, {
    name: 'shop-api-r1-1',
    image: 'shop/api:1',
    labels: ownLabels({ fingerprint: 'old' }),
    ports: { 8080: 20_000, 8081: 20_001 },
  });
}

const inTraffic = (proxy: string, ref: { backend: string; server: string }, port: number) =>
  proxies[proxy]!.set(ref, { address: `127.0.0.1:${port}`, state: 'ready' });

async function seen(routes: DesiredRoute[], more: Partial<DesiredService> = {}) {
  const desired = desiredService({ routes, ...more });
  const observed = await observe(deps, { platform: 'shop', services: [desired], ...site(['edge']) });
  const [instance] = observed.services.api!.instances;
  return { ...observed, instance: instance!, service: observed.services.api! };
}

const at = ({ slots }: { slots: Array<{ backend: string; server: string; port: number }> }) =>
  slots.map(({ backend, server, port }) => `${backend}/${server}:${port}`);

test('one that serves at a route which is gone from the spec still serves', async () => {
  await running([api]);
  inTraffic('edge', { backend: 'api', server: 's1' }, 20_000);
  const { instance, service } = await seen([admin]);
  expect({ traffic: instance.traffic, slots: at(instance) }).toEqual({ traffic: 'in', slots: ['api/s1:8080'] });
  expect(service.freeSlots.map(({ backend, server }) => `${backend}/${server}`)).toEqual(['admin/t1', 'admin/t2']);
});

test('one that is to go serves as long as any of its routes leads to it', async () => {
  await running([api, admin]);
  inTraffic('edge', { backend: 'api', server: 's1' }, 20_000);
  proxies.edge!.set({ backend: 'admin', server: 't1' }, { address: '127.0.0.1:20001', state: 'drain' });
  const { instance } = await seen([api, admin]);
  expect({ traffic: instance.traffic, slots: at(instance) }).toEqual({
    traffic: 'in',
    slots: ['api/s1:8080', 'admin/t1:8081'],
  });
});

test('one that is to stay is in traffic only where all of its routes lead to it', async () => {
  await running([api, admin]);
  inTraffic('edge', { backend: 'api', server: 's1' }, 20_000);
  expect((await seen([api, admin], { fingerprint: 'old' })).instance.traffic).toBe('draining');
  inTraffic('edge', { backend: 'admin', server: 't2' }, 20_001);
  expect((await seen([api, admin], { fingerprint: 'old' })).instance.traffic).toBe('in');
});

test('one whose server has another weight than the configuration tells it', async () => {
  await running([api]);
  inTraffic('edge', { backend: 'api', server: 's1' }, 20_000);
  expect((await seen([api])).instance).not.toHaveProperty('weighed');
  proxies.edge!.set({ backend: 'api', server: 's1' }, { weight: 19 });
  expect((await seen([api])).instance.weighed).toEqual({ weight: 19 });
});

test('a server leads to the instance that runs, not to an ended one that had its port before', async () => {
  await running([api]);
  await runtime.signal('shop-api-r1-1', 'SIGKILL');
  const port = { ports: { 8080: 20_000 } };
  await runs(runtime, {
    name: 'shop-api-r1-2',
    image: 'shop/api:1',
    labels: ownLabels({ fingerprint: 'old' }),
    ...port,
  });
  inTraffic('edge', { backend: 'api', server: 's1' }, 20_000);
  const { instances } = (await seen([api])).service;
  expect(instances.map((one) => [one.name, one.state, at(one), one.traffic])).toEqual([
    ['shop-api-r1-1', 'exited', [], 'out'],
    ['shop-api-r1-2', 'running', ['api/s1:8080'], 'in'],
  ]);
});

test('a proxy of Belay’s own that no revision leads through any more is seen as long as it has containers', async () => {
  await running([api]);
  const fronts = [{ proxy: 'own', image: someImage, routes: [] }];
  const earlier = desiredService({ fingerprint: 'older', fronts });
  const own = deps.ledger.of({ platform: 'shop', service: 'api' });
  await own.writePending({
    task: { kind: 'run' },
    number: 2,
    desired: earlier,
    site: site([]),
    by: '',
    reason: '',
    release: 'b',
  });
  await own.setState(2, 'abandoned');
  expect((await seen([api])).service.standing).toEqual([]);
  deps.fronts.containers = async ({ proxy }) => (proxy === 'own' ? ['shop-own-api-0'] : []);
  expect((await seen([api])).service.standing).toEqual(['own']);
});

test('one without routes serves while it runs, whatever the spec says now', async () => {
  await running([]);
  expect((await seen([api])).instance).toMatchObject({ traffic: 'in', slots: [] });
});

test('one behind a former proxy is drained there', async () => {
  await running([{ ...api, proxy: 'old' }], ['old']);
  inTraffic('old', { backend: 'api', server: 'o1' }, 20_000);
  const { instance, proxies: known } = await seen([api]);
  expect(instance).toMatchObject({ traffic: 'in', slots: [{ proxy: 'old', server: 'o1' }] });
  expect(Object.keys(known).sort()).toEqual(['edge', 'old']);
});

test('a former proxy that does not answer stands in nobody’s way, and what it may lead to counts as serving', async () => {
  await running([{ ...api, proxy: 'old' }], ['old']);
  proxies.old!.unreachable(true);
  expect((await seen([api])).instance).toMatchObject({ traffic: 'in', slots: [] });
  proxies.edge!.unreachable(true);
  await expect(seen([api])).rejects.toMatchObject({ code: 'proxy-unreachable' });
});

test('a proxy that has moved since keeps what stands behind its old place, under a name of its own', async () => {
  await running([api], ['old']);
  const own = deps.ledger.of({ platform: 'shop', service: 'api' });
  const moved = { ...site(['old']), proxies: { edge: site(['old']).proxies.old! } };
  const desired = desiredService({ routes: [api], fingerprint: 'old' });
  await own.writePending({ task: { kind: 'run' }, number: 2, desired, site: moved, by: '', reason: '', release: 'b' });
  await own.setState(2, 'recorded');
  await own.setHead(2);
  proxies.old!.set({ backend: 'api', server: 'o1' }, { address: '127.0.0.1:20000', state: 'ready' });
  const { instance, proxies: known } = await seen([api]);
  expect(instance).toMatchObject({ traffic: 'in', slots: [{ proxy: 'edge@r2', server: 'o1' }] });
  expect(known).toMatchObject({ 'edge@r2': { socket: '/old' }, edge: { socket: '/edge' } });
});

test('a server that leads to nothing any more is to be cleared; one that leads to another service is not', async () => {
  await running([api]);
  inTraffic('edge', { backend: 'api', server: 's1' }, 20_005);
  const lost = async () => (await seen([api])).service.lost;
  expect(await lost()).toMatchObject([{ ports: { 8080: 20_005 }, slots: [{ server: 's1' }] }]);
  await runs(runtime, { name: 'shop-web-1', image: 'shop/api:1', ports: { 8080: 20_005 } });
  expect(await lost()).toBeUndefined();
});

test('a server that leads to nothing at a port of the service’s own is to be cleared too', async () => {
  await running([api]);
  inTraffic('edge', { backend: 'api', server: 's1' }, 9_001);
  expect((await seen([api])).service.lost).toBeUndefined();
  const { lost } = (await seen([api], { hostPorts: [9_001, 9_002] })).service;
  expect(lost).toMatchObject([{ ports: { 8080: 9_001 }, slots: [{ server: 's1' }] }]);
});

test('an instance that two servers lead to by its name is lost once, with both of them', async () => {
  deps = { ...deps, proxyOf: adaptersOf(() => proxies.edge!, { reaches: 'name' }) };
  proxies.edge!.set({ backend: 'api', server: 's1' }, { address: 'shop-api-r1-9:8080', state: 'ready' });
  proxies.edge!.set({ backend: 'admin', server: 't1' }, { address: 'shop-api-r1-9:8081', state: 'ready' });
  const { lost } = (await seen([api, admin])).service;
  expect(lost).toMatchObject([{ name: 'shop-api-r1-9', slots: [{ server: 's1' }, { server: 't1' }] }]);
});

test('a container of Compose that no proxy leads to is released beside the server of a removed instance', async () => {
  await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: composeLabels(), ports: { 8080: 30_000 } });
  inTraffic('edge', { backend: 'api', server: 's1' }, 20_005);
  const adopted = () => seen([api], { project: 'shop' });
  expect((await adopted()).service).toMatchObject({
    instances: [{ revision: 0 }],
    lost: [{ slots: [{ server: 's1' }] }],
  });
  inTraffic('edge', { backend: 'api', server: 's2' }, 30_001);
  await expect(adopted()).rejects.toMatchObject({ code: 'preflight-failed' });
});

test('a server whose address is another host’s is no free place', async () => {
  proxies.edge!.set({ backend: 'api', server: 's1' }, { address: '10.0.0.5:80', fixed: true });
  expect((await seen([api])).service.freeSlots.map(({ server }) => server)).toEqual(['s2']);
});

test('a managed proxy whose containers somebody has removed is started by the release; one that is silent is not', async () => {
  await running([api]);
  deps = { ...deps, proxyOf: adaptersOf(() => proxies.edge!, { managed: true }) };
  proxies.edge!.unreachable(true);
  deps.fronts.containers = async () => ['shop-edge-api-0'];
  await expect(seen([api])).rejects.toMatchObject({ code: 'proxy-unreachable' });
  deps.fronts.containers = async () => [];
  expect((await seen([api])).instance.traffic).toBe('out');
});

test('ports that another release has claimed are not free', async () => {
  const token = {
    platform: 'blog',
    service: 'web',
    epoch: 1,
    owner: { workflowId: 'w', runId: 'r' },
    step: 's',
    attempt: 1,
  };
  await takeFenceWithPorts({ home, token, ...deps.temporal, takeOver: false, ports: [20_000, 20_050] });
  // Programs of this machine may have some of them.
  const others = await freeLoopbackPorts({ first: 20_001, last: 20_049 });
  const { freePorts } = await seen([api]);
  expect(freePorts).toEqual(expect.arrayContaining(others));
  expect(freePorts.filter((port) => port === 20_000 || port === 20_050)).toEqual([]);
});

test('Compose’s own hash of what it started does not leave the host', async () => {
  const hashed = { ...composeLabels(), 'com.docker.compose.config-hash': 'cafe' };
  await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: hashed });
  const desired = desiredService({ project: 'shop' });
  const observed = await observe(deps, { platform: 'shop', services: [desired], ...site(['edge']) });
  expect(observed.services.api!.instances[0]).toMatchObject({
    revision: 0,
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(JSON.stringify(observed)).not.toContain('cafe');
});

describe('where one of two sets serves', () => {
  const blueGreen = { kind: 'blue-green' as const, warm: 0 };
  const look = async () => {
    const desired = desiredService({ routes: [api], strategy: blueGreen });
    const observed = await observe(deps, { platform: 'shop', services: [desired], ...site(['edge']) });
    return observed.services.api!;
  };

  beforeEach(() => {
    proxies.edge = fakeProxy({
      backends: { api: ['o1'], 'api-blue': ['b1', 'b2'], 'api-green': ['g1', 'g2'] },
      sets: { api: { live: 'api-green', idle: 'api-blue' } },
    });
  });

  test.each([
    ['api-green', 'g1', 'ready', 'in'],
    ['api-blue', 'b1', 'ready', 'out'],
    ['api-blue', 'b1', 'drain', 'draining'],
    ['api', 'o1', 'ready', 'out'],
  ] as const)('one in %s at %s, %s there, is %s', async (backend, server, state, traffic) => {
    await running([api]);
    proxies.edge!.set({ backend, server }, { address: '127.0.0.1:20000', state });
    const { instances, sets } = await look();
    expect(instances[0]).toMatchObject({ traffic, slots: [{ backend, server }] });
    expect(sets).toEqual([{ proxy: 'edge', key: 'api', live: 'api-green', idle: 'api-blue' }]);
  });

  test('servers of both sets are free that nobody holds', async () => {
    await running([api]);
    proxies.edge!.set({ backend: 'api-green', server: 'g1' }, { address: '127.0.0.1:20000', state: 'ready' });
    const free = (await look()).freeSlots.map(({ backend, server }) => `${backend}/${server}`);
    expect(free.sort()).toEqual(['api-blue/b1', 'api-blue/b2', 'api-green/g2']);
  });

  test('the map is the truth whatever the strategy: it leads past what a rolling release has left in the one backend', async () => {
    await running([api]);
    proxies.edge!.set({ backend: 'api', server: 'o1' }, { address: '127.0.0.1:20000', state: 'ready' });
    const { service, instance } = await seen([api], { fingerprint: 'old' });
    expect(service.sets).toEqual([{ proxy: 'edge', key: 'api', live: 'api-green', idle: 'api-blue' }]);
    expect(instance).toMatchObject({ traffic: 'out', slots: [{ backend: 'api', server: 'o1' }] });
    expect(service.freeSlots.map(({ backend }) => backend)).not.toContain('api');
  });

  test('one that serves in a set under a route that is gone from the spec still serves', async () => {
    await running([api]);
    proxies.edge!.set({ backend: 'api-green', server: 'g1' }, { address: '127.0.0.1:20000', state: 'ready' });
    const { instance } = await seen([{ ...admin, backend: 'api-blue' }]);
    expect(instance).toMatchObject({ traffic: 'in', slots: [{ backend: 'api-green', server: 'g1' }] });
  });

  test('the one backend may be gone from the proxy once the map leads to a set', async () => {
    await running([api]);
    proxies.edge = fakeProxy({
      backends: { 'api-blue': ['b1'], 'api-green': ['g1'] },
      sets: { api: { live: 'api-green', idle: 'api-blue' } },
    });
    proxies.edge.set({ backend: 'api-green', server: 'g1' }, { address: '127.0.0.1:20000', state: 'ready' });
    const { instance, silent } = await seen([api], { fingerprint: 'old' });
    expect({ traffic: instance.traffic, silent }).toEqual({ traffic: 'in', silent: [] });
  });
});

test('what Compose has started is named by its image, and by none once that was removed', async () => {
  await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: composeLabels() });
  const desired = desiredService({ project: 'shop', routes: [] });
  const imageOf = async () => {
    const { services } = await observe(deps, { platform: 'shop', services: [desired], ...site([]) });
    return services.api!.revisions[0]!.desired.artifact;
  };
  expect(await imageOf()).toMatchObject({ ref: 'shop/api:1', digest: await runtime.imageId('shop/api:1') });
  runtime.failNext('snapshot', new BelayError('image-unknown', 'the image was removed'));
  expect(await imageOf()).toEqual({ ref: '', digest: '', local: true });
});

test('what Compose has started is compared by its own environment, of which only marks are kept', async () => {
  const env = ['PATH=/usr/bin', 'LANG=C', 'SAME=secret-1', 'OTHER=secret-2', 'GONE=secret-3'];
  await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: composeLabels(), env });
  const wanted = { PATH: '/usr/bin', SAME: 'secret-1', OTHER: 'another', ADDED: '' };
  const environment = environmentMarks(wanted, await hmacKey(home));
  const desired = desiredService({ project: 'shop', routes: [], environment, written: 'shop/api:0' });
  const { services } = await observe(deps, { platform: 'shop', services: [desired], ...site([]) });
  expect(changesOf(desired, services.api!, 1).environment).toEqual({
    added: ['ADDED'],
    removed: ['GONE', 'LANG'],
    changed: ['OTHER'],
  });
  expect(JSON.stringify(services)).not.toMatch(/secret-\d/);
  expect(services.api!.revisions[0]!.desired.written).toBeUndefined();
});
