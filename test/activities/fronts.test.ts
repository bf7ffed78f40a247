import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFronts } from '../../activities/fronts';
import type { Project } from '../../activities/project';
import type { ComposeProject } from '../../src/compose/project';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { desiredService } from '../plan/arbitraries';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-fronts-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What the proxy publishes for the route to port 8080, where the Compose file publishes these. */
async function publishedFor(ports: object[]) {
  const runtime = fakeRuntime();
  runtime.addImage('haproxy:3');
  const edge = { kind: 'haproxy', managed: true, image: 'haproxy:3' };
  const api = { routes: [{ proxy: 'edge', port: 8080 }], strategy: { kind: 'rolling' } };
  const project = { spec: { platform: 'shop', proxies: { edge }, services: { api } } } as unknown as Project;
  const compose = { services: { api: { ports } }, networks: {} } as unknown as ComposeProject;
  const [service] = await withFronts(fakeDeps({ home, runtime }), { project, compose }, [desiredService()]);
  const { hostPort, hostAddress } = service!.fronts![0]!.routes[0]!;
  return { hostPort, hostAddress };
}

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
