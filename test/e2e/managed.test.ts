import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, waitFor } from '../../testbed';
import { buildHaproxyImage } from '../../testbed/haproxy-image';
import { freePort } from '../../testbed/port';
import { openLoop } from '../proxies/open-loop';
import { chosen } from './chosen';
import { instancesOf } from './containers';
import { proxyPoints, unproxyPoint } from './crash-cases';
import { arm } from './crash-point';
import { workerDies } from './crashes';
import { expectNoneFailed } from './expect-settled';
import { releaseTo, type Stage, setStage, type Traffic } from './stage';

const name = 'e2eman';
let stage: Stage;
let hostPort: number;
let images: [string, string];

beforeAll(async () => {
  images = [await buildHaproxyImage('1'), await buildHaproxyImage('2')];
  hostPort = await freePort();
  stage = await setStage({
    versions: [
      { tag: '1' },
      { tag: '2' },
      { tag: 'never', env: { NEVER_READY: '1' } },
      { tag: 'slow', env: { READY_AFTER_MS: '4500', SHUTDOWN_MS: '500' } },
      { tag: 'picky', env: { ONLY_HOST: 'shop.example.com' } },
      { tag: 'grpc', env: { GRPC_PORT: '50051', READY_AFTER_MS: '1000' } },
      { tag: 'grpc-never', env: { GRPC_PORT: '50051', NEVER_READY: '1' } },
    ],
    platform: { name, firstPort: 21600 },
    mortal: true,
  });
  write();
  const image = stage.bed.images['1']!.ref;
  writeFileSync(
    join(stage.platform.folder, 'compose.yaml'),
    `name: ${name}
services:
  api: { image: "${image}", ports: ["127.0.0.1:${hostPort}:8080"] }
  web: { image: "${image}", depends_on: [api] }
`,
  );
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(async () => {
  const own = (await docker(['ps', '-aq', '--filter', `label=belay.proxy=${name}/edge`])).split('\n').filter(Boolean);
  if (own.length > 0) await docker(['rm', '-f', ...own]);
  await stage?.stop();
}, 180_000);

interface Written {
  image?: string;
  /** Time for a new instance to get ready. */
  within?: string;
  strategy?: object;
  /** The instances' check, in place of a path. */
  check?: object;
}

/** A service that Compose publishes, and one that calls it by its name. */
function write({ image = images[0], within = '5s', strategy, check }: Written = {}): void {
  const times = { every: '100ms', healthy: 1, within, timeout: '1s' };
  const health = { ready: { http: '/ready', ...times } };
  stage.platform.write({
    spec: {
      compose: 'compose.yaml',
      proxies: { edge: { kind: 'haproxy', managed: true, image } },
      services: {
        api: {
          instances: 2,
          routes: [{ proxy: 'edge', port: 8080 }],
          health: check ? { ready: { ...check, ...times } } : health,
          ...(strategy && { strategy }),
        },
        web: { health: { ready: { ...health.ready, port: 8080 } } },
      },
    },
  });
}

const proxies = async (): Promise<string[]> =>
  (await docker(['ps', '--filter', `label=belay.proxy=${name}/edge`, '--format', '{{.Names}} {{.Image}}']))
    .split('\n')
    .filter(Boolean)
    .sort();

const published = (): Promise<Traffic> => stage.load({ url: `http://127.0.0.1:${hostPort}` });

/** Returns the answers to an instance of web that asks the api by its inside name. Each has its own connection. */
async function askedInside(count: number): Promise<string[]> {
  const [web] = (await instancesOf(name)).filter((one) => one.name.includes('-web-'));
  const program = `(async () => { for (let i = 0; i < ${count}; i++) {
    const r = await fetch('http://api:8080/api/ping', { headers: { connection: 'close' } });
    console.log((await r.json()).version); } })().catch((e) => console.log(String(e)))`;
  return (await docker(['exec', web!.name, 'node', '-e', program])).split('\n').filter(Boolean);
}

test('is brought up by the first release, with the port that Compose publishes and the name that others call', async () => {
  await releaseTo(stage, {});
  expect(await proxies()).toEqual([expect.stringMatching(`^${name}-edge-api-0 `)]);
  const answer = await fetch(`http://127.0.0.1:${hostPort}/api/ping`);
  expect(await answer.json()).toMatchObject({ version: '1' });
  expect(await askedInside(4)).toEqual(['1', '1', '1', '1']);
});

test('loses no request of a release, from outside and between services', async () => {
  const load = await published();
  const [inside] = await Promise.all([askedInside(400), releaseTo(stage, { versions: { api: '2' } })]);
  expectNoneFailed(await load.stop());
  expect(inside.filter((one) => one !== '1' && one !== '2')).toEqual([]);
  expect(await askedInside(3)).toEqual(['2', '2', '2']);
});

test('loses no request of a release that goes back', async () => {
  write({ within: '1s' });
  const load = await published();
  await releaseTo(stage, { versions: { api: 'never' } }, 'failed');
  expectNoneFailed(await load.stop());
  expect(await askedInside(3)).toEqual(['2', '2', '2']);
});

test('is upgraded itself without a lost request', async () => {
  write({ image: images[1] });
  const load = await published();
  await releaseTo(stage, { versions: { api: '2' } });
  expectNoneFailed(await load.stop());
  expect(await proxies()).toHaveLength(2);
  await releaseTo(stage, { versions: { api: '2' } }, 'unchanged');
});

test.each(chosen(proxyPoints, () => 'proxy'))('serves on when the worker dies $when $id, $way', async (point) => {
  const [from] = await askedInside(1);
  const back = point.way === 'undo';
  const to = back ? 'never' : from === '1' ? '2' : '1';
  write({ image: images[1], ...(back && { within: '1s' }) });
  const load = await published();
  arm(stage.crashes, point);
  const handle = await stage.release({ versions: { api: to } });
  await workerDies(stage, { point, release: handle });
  expect((await handle.result()).outcome).toBe(back ? 'failed' : 'released');
  expectNoneFailed(await load.stop());
  expect(await askedInside(3)).toEqual(Array(3).fill(back ? from : to));
});

test('lets an instance in when its gRPC server says that it serves', async () => {
  write({ image: images[1], check: { grpc: 50051 } });
  await releaseTo(stage, { versions: { api: 'grpc' } });
  expect(await askedInside(3)).toEqual(['grpc', 'grpc', 'grpc']);
  write({ image: images[1], check: { grpc: 50051 }, within: '2s' });
  const { cause } = await releaseTo(stage, { versions: { api: 'grpc-never' } }, 'failed');
  expect(cause?.message).toContain('answered NOT_SERVING');
  expect(await askedInside(3)).toEqual(['grpc', 'grpc', 'grpc']);
});

test('switches from one set to another', async () => {
  write({ image: images[1], strategy: { kind: 'blue-green', warm: '0s' } });
  const load = await published();
  await releaseTo(stage, { versions: { api: '1' } });
  expectNoneFailed(await load.stop());
  expect(await askedInside(3)).toEqual(['1', '1', '1']);
});

test('lets every request wait while recreate has nobody to serve it', async () => {
  write({ image: images[1], strategy: { kind: 'recreate' }, within: '10s' });
  await releaseTo(stage, { versions: { api: '2' } });
  const load = openLoop({ url: `http://127.0.0.1:${hostPort}/api/ping`, rate: 200 });
  const handle = await stage.release({ versions: { api: 'slow' } });
  const { outcome } = await handle.result();
  const { plan } = await handle.status();
  await waitFor({ what: '2,000 requests', within: 60_000, until: () => load.sent.count >= 2_000 });
  const { failures } = await load.stop();
  expect([outcome, failures]).toEqual(['released', []]);
  // Last time, with nobody waiting for long, it took a second or two.
  expect(plan?.services.find(({ service }) => service === 'api')?.downtime?.held).toBe(30_000);
  expect(await askedInside(3)).toEqual(['slow', 'slow', 'slow']);
});

test('lets an instance in that answers only to its own name, asked with it by Belay and by the proxy', async () => {
  const headers = { host: 'shop.example.com', 'x-forwarded-proto': 'https' };
  write({ image: images[1], check: { http: '/ready', headers } });
  await releaseTo(stage, { versions: { api: 'picky' } });
  expect(await askedInside(3)).toEqual(['picky', 'picky', 'picky']);
});

test('goes on with what the host has while the registry is down', async () => {
  await stage.bed.registry.stop();
  const handle = await stage.release({ versions: { api: 'picky' }, instances: { api: 3 } });
  expect(await handle.result()).toMatchObject({ outcome: 'released' });
  const { plan } = await handle.status();
  expect(plan!.warnings.join()).toMatch(
    /picky: 127\.0\.0\.1:\d+ does not answer: .* Belay uses the image of the last release/,
  );
});

test('goes with the platform that is dropped', async () => {
  arm(stage.crashes, unproxyPoint);
  const handle = await stage.platform.belay.drop({ platform: name });
  await workerDies(stage, { point: unproxyPoint, release: handle });
  expect((await handle.result()).outcome).toBe('removed');
  expect(await proxies()).toEqual([]);
  expect(existsSync(join(stage.platform.home, 'proxies', name, 'edge', 'api'))).toBe(false);
});
