import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BelayError } from '../../src/errors';
import type { DesiredCheck } from '../../src/model/desired';
import type { Project } from '../../src/project/project';
import { withFronts } from '../../src/resolve/fronts';
import { refuseHeldPorts } from '../../src/resolve/held-ports';
import type { OpenedSources } from '../../src/resolve/sources';
import type { ComposeProject } from '../../src/runtimes/docker/compose/project';
import { openedSources } from '../../src/runtimes/docker/project/sources';
import { projectWith } from '../compose/projects';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runs } from '../fakes/running';
import { desiredService } from '../plan/arbitraries';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-fronts-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A Compose project as the only source. */
function readFrom(project: Project, compose: ComposeProject): OpenedSources {
  const whole = { ...project, text: '', folder: '', set: {} };
  const read = { ...projectWith(compose.services), ...compose };
  const sources = openedSources({ engine: fakeRuntime(), project: whole, compose: read });
  return { of: () => sources } as unknown as OpenedSources;
}

/** Returns what the proxy serves for the route to port 8080. */
async function routeOf({ ports = [], own = {}, route = {}, ready }: Served) {
  const runtime = fakeRuntime();
  runtime.addImage('haproxy:3');
  const edge = { kind: 'haproxy', managed: true, image: 'haproxy:3' };
  const api = { routes: [{ proxy: 'edge', port: 8080, ...route }], strategy: { kind: 'rolling' }, ...own };
  const project = { spec: { platform: 'shop', proxies: { edge }, services: { api } } } as unknown as Project;
  const compose = { services: { api: { ports } }, networks: {} } as unknown as ComposeProject;
  const [service] = await withFronts(fakeDeps({ home, runtime }), { project, sources: readFrom(project, compose) }, [
    desiredService({ task: { kind: 'run' }, ready }),
  ]);
  return service!.fronts![0]!.routes[0]!;
}

interface Served {
  /** Ports as the Compose file publishes them. */
  ports?: object[];
  own?: object;
  route?: object;
  ready?: DesiredCheck;
}

async function publishedFor(ports: object[]) {
  const { hostPort, hostAddress } = await routeOf({ ports });
  return { hostPort, hostAddress };
}

const times = { every: 1_000, timeout: 5_000, healthy: 1, within: 60_000, grace: 0, status: 200 };

test.each([
  ['its path', { http: '/up', port: 8080 }, { readyPath: '/up', readyTimeout: 5_000 }],
  ['another port', { http: '/up', port: 9000 }, { readyPath: '/up', readyPort: 9000 }],
  ['another status', { http: '/up', port: 8080, status: 204 }, { readyPath: '/up', readyStatus: 204 }],
  [
    'its headers',
    { http: '/up', port: 8080, headers: { host: 'x' } },
    { readyPath: '/up', readyHeaders: { host: 'x' } },
  ],
  ['a connection', { tcp: 9000 }, { readyPort: 9000 }],
  [
    'another port that expects the PROXY protocol',
    { http: '/up', port: 9000, proxied: true as const },
    { readyPath: '/up', readyPort: 9000, readyProxied: true },
  ],
  ['a connection in place of TLS', { https: '/up', port: 9000 }, { readyPort: 9000 }],
  ['a connection in place of a POST', { http: '/up', port: 8080, method: 'POST' as const }, { readyTimeout: 5_000 }],
  ['a connection in place of several', { http: '/up', port: 8080, status: '2xx' }, { readyTimeout: 5_000 }],
  ['a connection in place of gRPC', { grpc: 8080 }, { readyTimeout: 5_000 }],
])('a proxy asks what the readiness check asks: %s', async (_what, ready, expected) => {
  const entries = Object.entries(await routeOf({ ready: { ...times, ...ready } }));
  const asked = Object.fromEntries(entries.filter(([key]) => key.startsWith('ready')));
  expect(asked).toEqual({ readyTimeout: 5_000, ...expected });
});

test('a proxy does for a route what the spec asks for, and leaves to itself what it does not', async () => {
  const route = { resend: 'all', sticky: 'source', client_address: 'none' };
  const asked = { hold: 0, resend: 'all', sticky: 'source', clientAddress: 'none' };
  expect(await routeOf({ own: { hold: 0 }, route })).toMatchObject(asked);
  for (const key of Object.keys(asked)) expect(await routeOf({})).not.toHaveProperty(key);
});

test('a proxy publishes a port at the address at which the Compose file does, and at no other', async () => {
  for (const host_ip of ['127.0.0.1', '192.168.1.5', '::1'])
    expect(await publishedFor([{ target: 8080, published: '80', protocol: 'tcp', host_ip }])).toEqual({
      hostPort: 80,
      hostAddress: host_ip,
    });
});

test('a proxy publishes a port at each of the addresses at which the Compose file does', async () => {
  const at = (...addresses: string[]) =>
    publishedFor(addresses.map((host_ip) => ({ target: 8080, published: '80', protocol: 'tcp', host_ip })));
  expect(await at('127.0.0.1', '::1')).toEqual({ hostPort: 80, hostAddress: ['127.0.0.1', '::1'] });
  expect(await at('0.0.0.0', '::')).toEqual({ hostPort: 80 });
  expect(await at('127.0.0.1', '')).toEqual({ hostPort: 80 });
});

test('a proxy publishes a port at all addresses where the Compose file names none', async () => {
  expect(await publishedFor([{ target: 8080, published: '80', protocol: 'tcp' }])).toEqual({ hostPort: 80 });
});

test('a proxy publishes nothing where the Compose file does not, or where it cannot do it in its place', async () => {
  for (const ports of [
    [],
    [{ target: 8080 }],
    [{ target: 8081, published: '80' }],
    [{ target: 8080, published: '80', protocol: 'udp' }],
    [{ target: 8080, published: '80-89' }],
  ])
    expect(await publishedFor(ports)).toEqual({});
});

test('a proxy stays at its image while the registry cannot be asked, and the first service says so', async () => {
  const runtime = fakeRuntime();
  runtime.failNext('pin', new BelayError('registry-unreachable', 'haproxy:3: docker.io does not answer'));
  runtime.addImage('haproxy:3', 'sha256:old');
  runtime.addImage('belay/shop/proxy/edge:x', 'sha256:serves');
  const deps = fakeDeps({ home, runtime });
  const edge = { kind: 'haproxy', managed: true, image: 'haproxy:3' };
  const own = { routes: [{ proxy: 'edge', port: 8080 }], strategy: { kind: 'rolling' } };
  const spec = { platform: 'shop', proxies: { edge }, services: { api: own, web: own } };
  const project = { spec } as unknown as Project;
  const compose = { services: {}, networks: {} } as unknown as ComposeProject;
  const front = { proxy: 'edge', image: { ref: 'haproxy:3', digest: 'sha256:serves', local: false }, routes: [] };
  const ledger = deps.ledger.of({ platform: 'shop', service: 'web' });
  const before = desiredService({ service: 'web', fronts: [front] });
  await ledger.writePending({ number: 1, desired: before, task: { kind: 'run' }, by: '', reason: '', release: 'r' });
  await ledger.setHead(1);
  const services = [desiredService(), desiredService({ service: 'web' })];
  const [api, web] = await withFronts(deps, { project, sources: readFrom(project, compose) }, services);
  expect(api!.fronts![0]!.image).toEqual(front.image);
  expect(api!.warnings).toEqual([
    'haproxy:3: docker.io does not answer: Belay uses the image of the last release, sha256:serves',
  ]);
  expect(web!.warnings).toEqual([]);
});

test('refuses a port of the host that a program outside of the engine has', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const publish = (host_ip?: string) => publishedFor([{ target: 8080, published: String(port), host_ip }]);
  try {
    await expect(publish()).rejects.toMatchObject({
      code: 'preflight-failed',
      message: expect.stringContaining(`cannot publish port ${port} of this host, because a program`),
    });
    await expect(publish('127.0.0.1')).rejects.toThrow('outside of the engine');
    expect(await publish('192.0.2.7')).toEqual({ hostPort: port, hostAddress: '192.0.2.7' });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await publish()).toMatchObject({ hostPort: port });
});

describe('a port of the host that a container has', () => {
  const published = (labels: Record<string, string>) => async (port: number) => {
    const runtime = fakeRuntime();
    await runs(runtime, { name: 'other-web-1', image: 'web:1', labels, ports: { 80: port } });
    const ports = [portAt(port)];
    return await refuseHeldPorts({ engine: runtime }, { platform: 'shop', projects: ['shop'], ports });
  };
  const portAt = (port: number, address = '') => ({ service: 'api', port, addresses: [address] });

  test.each([
    ['of its own project', { 'com.docker.compose.project': 'shop' }],
    ['of its own platform', { 'belay.platform': 'shop' }],
    ['that is its own proxy', { 'belay.proxy': 'shop/edge' }],
  ])('%s is no hindrance', async (_whose, labels) => {
    await expect(published(labels)(30_080)).resolves.toBeUndefined();
  });

  test('of another project is refused, with the name that may be meant', async () => {
    const labels = { 'com.docker.compose.project': 'live', 'com.docker.compose.service': 'api' };
    await expect(published(labels)(30_080)).rejects.toMatchObject({
      message:
        'api: the proxy cannot publish port 30080 of this host, because container other-web-1 of the Compose project live publishes it',
      hint: expect.stringContaining('write name: live at the top of the Compose file'),
    });
    await expect(published({})(30_080)).rejects.toMatchObject({ hint: expect.stringContaining('stop that container') });
  });

  test('at another address is no hindrance', async () => {
    const runtime = fakeRuntime();
    await runs(runtime, { name: 'other-web-1', image: 'web:1', labels: {}, ports: { 80: 30_080 } });
    const at = (address: string) => {
      const ports = [portAt(30_080, address)];
      return refuseHeldPorts({ engine: runtime }, { platform: 'shop', projects: ['shop'], ports });
    };
    await expect(at('192.0.2.7')).resolves.toBeUndefined();
    await expect(at('127.0.0.1')).rejects.toThrow('other-web-1');
  });
});
