import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { refuseNew } from '../../src/hosts/refuse-new';
import {
  dismissFront,
  examineManaged,
  leavingSince,
  type ManagedRoute,
  type ProxyEngine,
} from '../../src/proxies/haproxy/managed';
import { unitPaths } from '../../src/proxies/haproxy/managed/unit';
import { type Load, startLoad } from '../../testbed/load';
import { accepts, freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import { serverSeen, untilSeen } from '../contracts/proxy-contract';
import { request } from './instances';
import { type ManagedBed, managedBed } from './managed-bed';
import { callSecond, openEvents, openSecond, openUpgrade } from './managed-streams';

const first = { backend: 'api', server: 's1' };
let bed: ManagedBed;
let instances: string[];
let rpc: ManagedRoute;
let rpcPort: number;
let routes: ManagedRoute[];

beforeAll(async () => {
  bed = await managedBed();
  rpcPort = await freePort();
  const networks = { [bed.network]: ['rpc'] };
  rpc = { service: 'rpc', backend: 'rpc', port: 50_051, protocol: 'grpc', networks, slots: 4, hostPort: rpcPort };
  // Asked by HTTP/1.1, as a service of gRPC often has its readiness.
  rpc = { ...rpc, readyPath: '/ready', readyPort: 8080 };
  routes = [bed.api, rpc];
  expect(await bed.ensure({ routes })).toEqual({ changed: 'created' });
  instances = [await bed.instance(), await bed.instance()];
  for (const [index, name] of instances.entries()) {
    await bed.admit(`s${index + 1}`, `${name}:8080`);
    await bed.admit(`s${index + 1}`, `${name}:50051`, 'rpc');
  }
});
afterAll(() => bed.close());

const url = () => `http://127.0.0.1:${bed.hostPort}`;
const holder = async (unit: string) => {
  const [found] = await bed.sandboxes(unit);
  return found!;
};

/** Loads over kept and over new connections, through the published port and inside the network; fails with what they lost. */
async function underLoad(act: () => Promise<void>): Promise<void> {
  const inside = `http://${await bed.ip((await holder('api')).name)}:8080`;
  const loads: Load[] = [
    await startLoad({ url: url(), clients: 6 }),
    await startLoad({ url: url(), clients: 2, keepAlive: false }),
    await startLoad({ url: inside, clients: 6 }),
    await startLoad({ url: inside, clients: 2, keepAlive: false }),
  ];
  const stop = () => Promise.all(loads.map((load) => load.stop()));
  const results = await act().then(stop, async (error) => {
    await stop();
    throw error;
  });
  for (const { failed, failures } of results) expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
  expect(results.every(({ requests }) => requests > 0)).toBe(true);
}

test('a container reaches the service by its own name and port, and is balanced over two instances', async () => {
  const said = await bed.inNetwork(`(async () => {
    const names = new Set();
    for (let count = 0; count < 10; count++) names.add((await (await fetch('http://api:8080/')).json()).version);
    console.log([...names].sort().join(' '));
  })()`);
  expect(said).toBe([...instances].sort().join(' '));
});

test('gRPC between containers is balanced call by call, trailers and all', async () => {
  const answers = [await callSecond(rpcPort), await callSecond(rpcPort)];
  expect(answers.map(({ instance }) => instance).sort()).toEqual([...instances].sort());
  expect(answers.map(({ status }) => status)).toEqual(['0', '0']);
});

test('nothing to do changes nothing', async () => {
  expect(await bed.ensure({ routes })).toEqual({ changed: 'nothing' });
});

test('a changed configuration costs no request, and twice over keeps who is in traffic', async () => {
  await underLoad(async () => {
    for (const slots of [5, 6, 4]) {
      expect(await bed.ensure({ routes: [{ ...bed.api, slots }, rpc] })).toEqual({ changed: 'reloaded' });
      await sleep(300);
    }
  });
  const seen = await serverSeen(bed.proxy, first);
  expect(seen).toMatchObject({ address: `${instances[0]}:8080`, state: 'ready', check: 'passing' });
});

test('HAProxy itself is replaced without a lost request, and back', async () => {
  const [former, next] = bed.images;
  await underLoad(async () => {
    expect(await bed.ensure({ routes, image: next })).toEqual({ changed: 'upgraded' });
    await sleep(500);
    expect(await bed.ensure({ routes: [{ ...bed.api, slots: 5 }, rpc], image: next })).toEqual({
      changed: 'reloaded',
    });
    expect(await bed.ensure({ routes, image: former })).toEqual({ changed: 'upgraded' });
    expect(await bed.ensure({ routes, image: former })).toEqual({ changed: 'nothing' });
  });
  expect((await bed.sandboxes('api')).map(({ running }) => running)).toEqual([true, true]);
  expect(await serverSeen(bed.proxy, first)).toMatchObject({ address: `${instances[0]}:8080`, state: 'ready' });
});

test('tells how its containers are, and that nobody serves once a person has stopped the second HAProxy', async () => {
  const { engine, ...key } = bed.request();
  await bed.ensure({ routes, image: bed.images[1] });
  const ofApi = async () => (await examineManaged(key, engine)).filter(({ unit }) => unit === 'api');
  const version = expect.stringMatching(/^\d+\.\d+/);
  expect(await ofApi()).toMatchObject([
    { holder: true, running: true, serves: false, current: undefined, version },
    { holder: false, running: true, serves: true, current: true, version, image: bed.images[1] },
  ]);
  const second = (await ofApi())[1]!.container;
  await bed.docker.getContainer(second).stop({ t: 1 });
  expect(await ofApi()).toMatchObject([
    { running: true, serves: false },
    { container: second, running: false, serves: false, current: undefined },
  ]);
  await bed.ensure({ routes });
  expect(await ofApi()).toMatchObject([{ holder: true, serves: true, current: true }]);
});

test('serves again by itself after a restart of the container that holds the network, and takes the next one up', async () => {
  await bed.docker.getContainer((await holder('api')).name).restart({ t: 1 });
  await waitFor({ what: 'an answer', until: async () => (await request(url())).status === 200 });
  await waitFor({
    what: 'one HAProxy',
    until: async () => (await bed.sandboxes('api')).filter((one) => one.running).length === 1,
  });
  await untilSeen(bed.proxy, first, { address: `${instances[0]}:8080`, state: 'ready', check: 'passing' });
  expect(await bed.ensure({ routes })).toEqual({ changed: 'nothing' });
});

test('streams live through a change and through an upgrade, and are counted wherever they are held', async () => {
  await bed.proxy.drain({ ...first, server: 's2' });
  await bed.proxy.drain({ backend: 'rpc', server: 's2' });
  const streams = [await openUpgrade(bed.hostPort), await openEvents(`${url()}/events`), await openSecond(rpcPort)];
  const alive = async () => Promise.all(streams.map((stream) => stream.lives()));
  expect(await alive()).toEqual([true, true, true]);
  await bed.ensure({ routes: routes.map((route) => ({ ...route, slots: 5 })) });
  expect(await alive()).toEqual([true, true, true]);
  await untilSeen(bed.proxy, first, { inFlight: 2 });
  expect(await bed.ensure({ routes, image: bed.images[1] })).toEqual({ changed: 'upgraded' });
  expect(await alive()).toEqual([true, true, true]);
  await untilSeen(bed.proxy, first, { inFlight: 2 });
  await untilSeen(bed.proxy, { backend: 'rpc', server: 's1' }, { inFlight: 1 });
  for (const stream of streams) stream.close();
  await bed.ensure({ routes });
  await untilSeen(bed.proxy, first, { inFlight: 0 });
  await bed.admit('s2', `${instances[1]}:8080`);
  await bed.admit('s2', `${instances[1]}:50051`, 'rpc');
});

test('an instance that dies in traffic costs no request, and its name, gone, counts as failing', async () => {
  const dying = await bed.instance();
  await bed.admit('s3', `${dying}:8080`);
  await underLoad(async () => {
    await sleep(300);
    await bed.docker.getContainer(dying).remove({ force: true });
    await untilSeen(bed.proxy, { ...first, server: 's3' }, { state: 'ready', check: 'failing' });
    await sleep(1_500);
  });
  expect(await serverSeen(bed.proxy, { ...first, server: 's3' })).toMatchObject({ state: 'ready', check: 'failing' });
  await bed.proxy.drain({ ...first, server: 's3' });
  await bed.proxy.remove({ ...first, server: 's3' });
  const next = await bed.instance();
  await bed.admit('s3', `${next}:8080`);
  await bed.proxy.drain({ ...first, server: 's3' });
  await bed.proxy.remove({ ...first, server: 's3' });
});

test('a stage to a name that nobody has fails its check, and takes no traffic', async () => {
  const ref = { ...first, server: 's4' };
  await bed.proxy.stage(ref, 'nobody-here:8080');
  await untilSeen(bed.proxy, ref, { state: 'drain', check: 'failing', address: 'nobody-here:8080' });
  await bed.proxy.remove(ref);
  await expect(bed.proxy.stage(ref, `${instances[0]}:81`)).rejects.toMatchObject({ code: 'proxy-refused' });
  await expect(bed.proxy.stage(ref, 'a;b:8080')).rejects.toMatchObject({ code: 'proxy-refused' });
});

test('a stage to a name that nobody has yet passes once an instance of that name listens', async () => {
  const ref = { ...first, server: 's4' };
  const name = await bed.instance();
  const container = bed.docker.getContainer(name);
  await container.stop({ t: 0 });
  await bed.proxy.stage(ref, `${name}:8080`);
  await untilSeen(bed.proxy, ref, { state: 'drain', check: 'failing' });
  await container.start();
  await untilSeen(bed.proxy, ref, { state: 'drain', check: 'passing' });
  await bed.proxy.remove(ref);
});

test('one more network costs no request', async () => {
  // Docker leads published ports over the first in order, so that one stays where it is.
  const network = `${bed.prefix}-other`;
  await bed.docker.createNetwork({ Name: network });
  const api = { ...bed.api, networks: { ...bed.api.networks, [network]: ['api'] } };
  await underLoad(async () => {
    expect(await bed.ensure({ routes: [api, rpc] })).toEqual({ changed: 'reloaded' });
    await sleep(300);
  });
  const { name } = await holder('api');
  expect((await request(`http://${await bed.ip(name, network)}:8080`)).status).toBe(200);
  expect(await bed.ensure({ routes })).toEqual({ changed: 'reloaded' });
});

test('another name of a service makes another container, and a service that is gone leaves none', async () => {
  const tcp: ManagedRoute = {
    service: 'lines',
    backend: 'lines',
    port: 6_000,
    protocol: 'tcp',
    networks: { [bed.network]: ['lines'] },
    slots: 2,
  };
  expect(await bed.ensure({ routes: [...routes, tcp] })).toEqual({ changed: 'created' });
  await bed.admit('s1', `${instances[0]}:6000`, 'lines');
  const ask = (host: string) => bed.inNetwork(`require('node:net').connect(6000, '${host}').pipe(process.stdout)`);
  expect(await ask('lines')).toBe(instances[0]);
  const renamed = { ...tcp, networks: { [bed.network]: ['lines', 'more-lines'] } };
  expect(await bed.ensure({ routes: [...routes, renamed] })).toEqual({ changed: 'replaced' });
  expect(await ask('more-lines')).toBe(instances[0]);
  expect(await bed.sandboxes('lines')).toHaveLength(1);
  await bed.remove('lines');
  expect(await bed.sandboxes('lines')).toEqual([]);
  await expect(bed.proxy.observe('lines')).rejects.toMatchObject({ code: 'proxy-refused' });
});

test('another network before the first, and the published port at another address, leave a gap, and that is said', async () => {
  const network = `${bed.prefix}-before`;
  await bed.docker.createNetwork({ Name: network });
  const networks = { ...rpc.networks, [network]: ['rpc'] };
  expect(await bed.ensure({ routes: [bed.api, { ...rpc, networks }] })).toEqual({ changed: 'reloaded', gap: true });
  await waitFor({ what: 'a call', until: async () => (await callSecond(rpcPort)).status === '0' });
  expect(await bed.ensure({ routes })).toEqual({ changed: 'reloaded', gap: true });
  const local = { ...rpc, hostAddress: '127.0.0.1' };
  expect(await bed.ensure({ routes: [bed.api, local] })).toEqual({ changed: 'replaced', gap: true });
  expect((await callSecond(rpcPort)).status).toBe('0');
  expect(await bed.ensure({ routes })).toEqual({ changed: 'replaced', gap: true });
});

test('another published port is served beside the former one, as long as that is asked for', async () => {
  const hostPort = await freePort();
  const moved = { routes: [bed.api, { ...rpc, hostPort }] };
  expect(await bed.ensure({ ...moved, phase: 'beside' })).toEqual({ changed: 'replaced', former: true });
  expect((await callSecond(hostPort)).status).toBe('0');
  expect((await callSecond(rpcPort)).status).toBe('0');
  expect(await bed.ensure(moved)).toEqual({ changed: 'nothing' });
  expect(await accepts(rpcPort)).toBe(false);
  expect(await bed.ensure({ routes })).toEqual({ changed: 'replaced' });
  expect((await callSecond(rpcPort)).status).toBe('0');
});

test('what was replaced finishes what it holds while nobody waits for it, and is not taken for one that serves', async () => {
  const moved = bed.request({ routes: [bed.api, { ...rpc, hostPort: await freePort() }] });
  const leaving = () => leavingSince({ ...moved, service: 'rpc' });
  const stream = await openSecond(rpcPort);
  await bed.ensure({ ...moved, phase: 'beside' });
  expect(await leaving()).toEqual([]);
  const began = Date.now();
  await dismissFront({ ...moved, refuseNew });
  const [since, ...others] = await leaving();
  expect(others).toEqual([]);
  expect(since).toBeGreaterThanOrEqual(began);
  await dismissFront({ ...moved, refuseNew });
  expect(await leaving()).toEqual([since]);
  expect(await stream.lives()).toBe(true);
  expect(await bed.ensure({ ...moved, phase: 'beside' })).toEqual({ changed: 'nothing', former: true });
  expect((await callSecond(moved.routes[1]!.hostPort!)).status).toBe('0');
  stream.close();
  await waitFor({ what: 'the end of the former', until: async () => (await leaving()).length === 0 });
  expect(await bed.ensure({ ...moved, drainFor: 0 })).toEqual({ changed: 'nothing' });
  expect(await bed.sandboxes('rpc')).toHaveLength(1);
  expect(await bed.ensure({ routes })).toEqual({ changed: 'replaced' });
});

test('killed before or after any change of the engine, it goes on from there and serves', async () => {
  const images = [bed.images[1], bed.images[0]];
  for (let count = 0, killed = true; killed; count++) {
    const image = images[count % 2]!;
    killed = await bed.ensure({ routes, image, engine: dyingAt(count) }).then(
      () => false,
      (error) => /killed/.test(String(error)),
    );
    expect((await request(url())).status).toBe(200);
    await bed.ensure({ routes, image });
    expect((await request(url())).status).toBe(200);
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ address: `${instances[0]}:8080`, state: 'ready' });
    expect(await bed.ensure({ routes, image })).toEqual({ changed: 'nothing' });
    // Such a file would let a container that the engine starts again take the traffic of the serving one.
    expect(readdirSync(unitPaths(bed.request(), 'api').folder, { recursive: true }).join()).not.toContain('former');
  }
});

/** An engine whose caller dies at its nth change: an even number before it is made, an odd one after. The dead do nothing more. */
function dyingAt(nth: number): ProxyEngine {
  const { engine } = bed.request();
  let made = 0;
  const dying =
    <A extends unknown[]>(act: (...args: A) => Promise<void>) =>
    async (...args: A) => {
      const left = (nth >> 1) - made++;
      if (left < 0 || (left === 0 && nth % 2 === 0)) throw new Error('killed');
      await act(...args);
      if (left === 0) throw new Error('killed');
    };
  const { create, start, signal, remove, ...rest } = engine;
  return { ...rest, create: dying(create), start: dying(start), signal: dying(signal), remove: dying(remove) };
}

test('removed, nothing of it is left', async () => {
  for (const { service } of routes) await bed.remove(service);
  expect([...(await bed.sandboxes('api')), ...(await bed.sandboxes('rpc'))]).toEqual([]);
  await expect(request(url())).rejects.toThrow();
});
