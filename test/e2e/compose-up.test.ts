import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker } from '../../testbed';
import { buildHaproxyImage } from '../../testbed/haproxy-image';
import { freePort } from '../../testbed/port';
import { expectNoneFailed } from './expect-settled';
import { releaseTo, type Stage, setStage, type Traffic } from './stage';

const name = 'e2eup';
let stage: Stage;
let hostPort: number;
let udpPort: number;
let proxyImage: string;

beforeAll(async () => {
  proxyImage = await buildHaproxyImage('1');
  hostPort = await freePort();
  udpPort = await freePort();
  stage = await setStage({
    versions: [{ tag: '1' }, { tag: '2' }],
    platform: { name, firstPort: 22600 },
  });
  writeSpec({ kind: 'rolling', surge: 3 });
  writeCompose();
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(async () => {
  const own = (await docker(['ps', '-aq', '--filter', `label=belay.proxy=${name}/edge`])).split('\n').filter(Boolean);
  if (own.length > 0) await docker(['rm', '-f', ...own]);
  await stage?.stop();
}, 180_000);

/**
 * Writes three services. One is behind a proxy with its published port, and one stays with Compose. One has three
 * instances where the file says one. Others cover names that are no host names, a network without a way out, UDP, and
 * missing resources.
 */
function writeCompose(more = ''): void {
  const image = stage.bed.images['1']!.ref;
  const text = `name: ${name}
services:
  api: { image: "${image}", scale: 2, ports: ["127.0.0.1:${hostPort}:8080"]${more} }
  crew: { image: "${image}", restart: always }
  other: { image: "${image}", depends_on: [crew] }
  My_api.v2:
    image: "${image}"
    container_name: shop_api
    networks: [inside]
    depends_on: { debug: { condition: service_started, required: false } }
    volumes: ["data:/data:z"]
  dns: { image: "${image}", ports: ["127.0.0.1:${udpPort}:5353/udp"] }
  off: { image: "${image}", deploy: { replicas: 0 } }
  debug: { image: "${image}", profiles: [debug] }
networks: { inside: { internal: true } }
volumes: { data: {} }
`;
  writeFileSync(join(stage.platform.folder, 'compose.yaml'), text);
}

function writeSpec(strategy: object): void {
  const ready = { http: '/ready', port: 8080, every: '100ms', healthy: 1, within: '10s', timeout: '1s' };
  stage.platform.write({
    spec: {
      compose: 'compose.yaml',
      proxies: { edge: { kind: 'haproxy', managed: true, image: proxyImage } },
      services: {
        api: { instances: 2, routes: [{ proxy: 'edge', port: 8080 }], health: { ready }, strategy },
        crew: { instances: 3, strategy: { kind: 'rolling', surge: 3 }, health: { ready } },
        'My_api.v2': {
          routes: [{ proxy: 'edge', port: 8080 }],
          health: { ready },
          shared_volumes: true,
          validate: [{ name: 'ping', http: '/api/ping' }],
        },
        dns: { strategy: { kind: 'recreate' }, health: { ready } },
        off: {},
      },
    },
  });
}

const compose = (...args: string[]) => docker(['compose', '-f', join(stage.platform.folder, 'compose.yaml'), ...args]);

/** Every container of the project, and of the proxy, by its id, with when it was started. */
async function standing(): Promise<string[]> {
  const ids = await Promise.all(
    [`com.docker.compose.project=${name}`, `belay.proxy=${name}/edge`].map((label) =>
      docker(['ps', '-aq', '--no-trunc', '--filter', `label=${label}`]),
    ),
  );
  const all = ids.join('\n').split('\n').filter(Boolean);
  const format = '{{.Name}} {{.Id}} {{.State.Status}} {{.State.StartedAt}}';
  return (await docker(['inspect', '--format', format, ...all])).split('\n').filter(Boolean).sort();
}

const published = (): Promise<Traffic> => stage.load({ url: `http://127.0.0.1:${hostPort}` });

/** Expects that nothing was removed, created or restarted, and that no request was lost. */
async function expectLeftAlone(...args: string[]): Promise<void> {
  const before = await standing();
  const load = await published();
  await compose('up', '-d', ...args);
  expectNoneFailed(await load.stop());
  expect(await standing()).toEqual(before);
}

const warningsOf = async (): Promise<string[]> =>
  (await (await stage.release({ dry_run: true })).result()).plan!.warnings;

test('docker compose up leaves alone what was released, also where more run than the file says', async () => {
  await releaseTo(stage, {});
  const released = await standing();
  await compose('up', '-d', 'other');
  expect((await standing()).filter((one) => !one.includes('-other-'))).toEqual(released);
  await expectLeftAlone();
  await expectLeftAlone('--remove-orphans');
  expect(await warningsOf()).toContainEqual(
    'crew: the Compose file says 1, and 3 run. docker compose up leaves them alone; docker compose ps shows 2 of them only with --all: write scale: 3 for it in the Compose file (or replicas: 3 under deploy)',
  );
});

test('what Compose runs is released, whatever its names, networks and ports', async () => {
  const named = (part: string, all: string[]) => all.filter((one) => one.includes(part));
  const first = await standing();
  expect(named('-off-', first).concat(named('-debug-', first))).toEqual([]);
  const [instance] = named('-My_api.v2-r1-1', first);
  const asks = ['My_api.v2', 'shop_api'].map((host) => `fetch('http://${host}:8080/api/ping').then((r) => r.json())`);
  const program = `Promise.all([${asks}]).then((all) => console.log(all.map((one) => one.version).join()))`;
  expect(await docker(['exec', instance!.split(' ')[0]!.slice(1), 'node', '-e', program])).toBe('1,1');
  const [dns] = named('-dns-r1-1', first);
  expect(await docker(['port', dns!.split(' ')[0]!.slice(1), '5353/udp'])).toBe(`127.0.0.1:${udpPort}`);
  await releaseTo(stage, { services: ['My_api.v2', 'dns'], versions: { 'My_api.v2': '2', dns: '2' } });
  await expectLeftAlone();
});

test('… and after a version that the file does not name', async () => {
  await releaseTo(stage, { versions: { api: '2', crew: '2' } });
  await expectLeftAlone();
});

test('… and after a rollback, although the file has been edited since', async () => {
  writeCompose(', labels: { edited: "yes" }');
  await releaseTo(stage, {});
  await expectLeftAlone();
  const rollback = await stage.platform.belay.rollback({ platform: name, services: ['api'], to: 1 });
  expect((await rollback.result()).outcome).toBe('reverted');
  await expectLeftAlone('other');
  await expectLeftAlone();
});

test('… and the plan says of a set that is kept warm what it would do meanwhile', async () => {
  writeSpec({ kind: 'blue-green', warm: '10m' });
  expect(await warningsOf()).toContainEqual(
    expect.stringMatching(/^api: while the former set is kept warm \(10 min\)/),
  );
  await releaseTo(stage, { versions: { api: '2' } });
  await expectLeftAlone('other');
});
