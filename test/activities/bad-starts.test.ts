import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plan } from '../../activities/planning/release';
import { planRollback } from '../../activities/planning/rollback';
import { BelayError } from '../../src/errors';
import type { Plan } from '../../src/model/plan';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, ownLabels, runs } from '../fakes/running';

const folder = mkdtempSync(join(tmpdir(), 'belay-starts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = `platform: shop
proxies:
  edge: { kind: haproxy, socket: /run/haproxy/admin.sock, config: /etc/haproxy/haproxy.cfg }
services:
  api:
    image: registry.example.com/shop/api:1
    instances: 2
    routes: [{ proxy: edge, port: 8080 }]
`;

const withCompose = (image = '') => `platform: shop
compose: compose.yaml
services:
  api: {${image}}
`;

interface Start {
  input: unknown;
  spec?: string;
  compose?: string;
  /** Servers of the proxy's backend. */
  servers?: string[];
  /** A port that a container of the service, started by Compose, publishes. */
  published?: number;
  /** A container that another home has launched as revision 3. */
  foreign?: string;
}

/** Makes a plan for real, on an engine and a proxy in memory, and tells what became of the host. */
async function start(
  { input, spec = good, compose, servers = ['s1', 's2', 's3'], published, foreign }: Start,
  make = plan,
) {
  const home = mkdtempSync(join(folder, 'home-'));
  const specs = mkdtempSync(join(folder, 'specs-'));
  writeFileSync(join(specs, 'belay.yaml'), spec);
  if (compose) writeFileSync(join(specs, 'compose.yaml'), compose);
  const runtime = fakeRuntime();
  runtime.publish('registry.example.com/shop/api:1', 'sha256:1111');
  if (published) await composed(runtime, published);
  if (foreign) await runs(runtime, { name: foreign, image: 'shop/api:1', labels: ownLabels({ revision: 3 }) });
  runtime.calls.splice(0);
  const proxy = fakeProxy({ backends: { api: servers } });
  const deps = fakeDeps({ home, runtime, specs: [specs], proxyOf: adaptersOf(() => proxy) });
  const outcome = await runActivity(make(deps), input).catch((error: unknown) => error as BelayError);
  const changed = [
    ...runtime.calls,
    ...proxy.calls.filter((call) => !call.startsWith('observe')),
    ...readdirSync(home).filter((name) => name !== 'key'),
  ];
  return { outcome, changed, specs };
}

async function composed(runtime: FakeRuntime, port: number): Promise<void> {
  await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: composeLabels(), ports: { 8080: port } });
  runtime.calls.splice(0);
}

const composeFile = (service: string) =>
  `name: shop\nservices:\n  api:\n    image: registry.example.com/shop/api:1\n${service}`;

const bad: Array<[name: string, Start, code: string, message: string | RegExp]> = [
  [
    'no input at all',
    { input: undefined },
    'input-invalid',
    'the input of the release is wrong: platform: is missing — write "platform": … (The platform to release)',
  ],
  [
    'a platform nobody knows',
    { input: { platform: 'shopp' } },
    'platform-unknown',
    /^no platform "shopp" in .*; there are: shop$/,
  ],
  [
    'a misspelt member',
    { input: { platform: 'shop', version: { api: '2' } } },
    'input-invalid',
    'the input of the release is wrong: version: is not a known key — did you mean versions?',
  ],
  [
    'a version for a misspelt service',
    { input: { platform: 'shop', versions: { apj: '2' } } },
    'input-invalid',
    'versions: there is no service apj',
  ],
  [
    'an unknown service',
    { input: { platform: 'shop', services: ['web'] } },
    'input-invalid',
    'services: there is no service web',
  ],
  [
    'a version that no registry has',
    { input: { platform: 'shop', versions: { api: '9' } } },
    'image-unknown',
    'versions.api (--version api=9): registry.example.com/shop/api:9 is neither in its registry nor on this engine',
  ],
  [
    'a version that no registry has, of an image that jobs share',
    {
      input: { platform: 'shop', versions: { api: '9' } },
      spec: good.replace(
        'services:\n',
        'services:\n  migrate: { image: "registry.example.com/shop/api:1", strategy: { kind: job } }\n',
      ),
    },
    'image-unknown',
    'versions.api (--version api=9, also of migrate): registry.example.com/shop/api:9 is neither in its registry nor on this engine',
  ],
  [
    'a wrong spec',
    { input: { platform: 'shop' }, spec: good.replace('instances: 2', 'instances: two') },
    'spec-invalid',
    /^belay\.yaml:7:16 services\.api\.instances: takes a number, not the text "two"/,
  ],
  [
    'a spec that asks for what is not built yet',
    { input: { platform: 'shop' }, spec: `${good}windows: { open: [] }\n` },
    'spec-invalid',
    'belay.yaml:9:1 windows: `windows` is not built yet — start the release when it may run',
  ],
  [
    'files that nobody may send',
    { input: { platform: 'shop', files: { '.env': 'A=1' } } },
    'input-invalid',
    'files: .env: only belay.yaml can be sent',
  ],
  [
    'more instances than servers',
    { input: { platform: 'shop' }, servers: ['s1'] },
    'preflight-failed',
    'api: every server of backend edge/api is in use; the next instance finds no place',
  ],
  [
    'unavailable as many as there are',
    {
      input: { platform: 'shop', instances: { api: 1 } },
      spec: good.replace('routes', 'strategy: { kind: rolling, surge: 1, unavailable: 1 }\n    routes'),
    },
    'spec-invalid',
    'services.api.strategy: surge 1 and unavailable 1 would block every replacement of 1 instances',
  ],
  [
    'a Compose file that is not there',
    { input: { platform: 'shop' }, spec: withCompose() },
    'spec-invalid',
    'belay.yaml:2:10 compose: compose.yaml is not there',
  ],
  [
    'a Compose file without the service',
    { input: { platform: 'shop' }, spec: withCompose(), compose: 'name: shop\nservices:\n  web: { image: a }\n' },
    'spec-invalid',
    'belay.yaml:4:3 services.api: is not in compose.yaml, which has web — write the name of one of these, or add the service there',
  ],
  [
    'a Compose file with the service behind a profile',
    {
      input: { platform: 'shop' },
      spec: withCompose(),
      compose: composeFile('    profiles: [no]\n  web: { image: a }\n'),
    },
    'compose-invalid',
    'compose.yaml services.api: the spec names it, but the Compose file does not have it: it has web (services behind a profile do not count)',
  ],
  [
    'published ports',
    { input: { platform: 'shop' }, spec: withCompose(), compose: composeFile('    ports: ["8080:8080"]\n') },
    'compose-invalid',
    "compose.yaml:5 services.api.ports: remove it: Belay gives each instance a loopback port of its own, and the proxy leads to it (routes in the spec). A proxy that Belay runs publishes one fixed TCP port of each route in the service's place",
  ],
  [
    'an attribute that would be lost',
    {
      input: { platform: 'shop' },
      spec: withCompose(),
      compose: composeFile('    volumes_from: [other]\n  other: { image: other }\n'),
    },
    'compose-invalid',
    /^compose\.yaml:5 services\.api\.volumes_from: the other container is replaced/,
  ],
  [
    'a secret whose file is not there',
    {
      input: { platform: 'shop' },
      spec: withCompose(),
      compose: `${composeFile('    secrets: [key]\n')}secrets:\n  key:\n    file: ./gone\n`,
    },
    'compose-invalid',
    /^compose\.yaml:8 secrets\.key\.file: .*\/gone is not there$/,
  ],
  [
    'a fixed address, with two instances at once',
    {
      input: { platform: 'shop' },
      spec: withCompose(),
      compose: composeFile('    mac_address: 02:42:ac:11:00:02\n'),
    },
    'compose-invalid',
    /^compose\.yaml:5 services\.api\.mac_address: two instances run at once/,
  ],
  [
    'a writable volume',
    {
      input: { platform: 'shop' },
      spec: withCompose(),
      compose: `${composeFile('    volumes: ["data:/data"]\n')}volumes: { data: {} }\n`,
    },
    'spec-invalid',
    'services.api: writes to the volume at /data, and in a rolling release the old and the new version would write to it at once',
  ],
  [
    'the Temporal server that the release runs on',
    { input: { platform: 'shop' }, published: 7233 },
    'spec-invalid',
    'services.api: is the Temporal server at 127.0.0.1:7233 that runs this release',
  ],
];

test.each(bad)('%s is refused with one message, and nothing is started', async (_name, given, code, message) => {
  const { outcome, changed } = await start(given);
  expect(outcome).toBeInstanceOf(BelayError);
  const { code: got, message: said, hint } = outcome as BelayError;
  expect({ code: got, message: said }).toEqual({
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
  expect(hint).toBeTruthy();
  expect(changed).toEqual([]);
});

test('a platform that is almost one of the worker’s is guessed before the worker is to serve another', async () => {
  const hintFor = async (platform: string) => ((await start({ input: { platform } })).outcome as BelayError).hint;
  const serve =
    /^put the folder of its belay.yaml into one of these, .* belay serve --detach .* FOLDER; a platform of another host needs --host$/;
  expect(await hintFor('shopp')).toMatch(/^did you mean shop\? Else put the folder/);
  expect(await hintFor('elsewhere')).toMatch(serve);
});

test('a rollback of what the host has never seen is refused, and nothing is started', async () => {
  const { outcome, changed } = await start({ input: { platform: 'shop' } }, planRollback);
  expect((outcome as BelayError).message).toBe('this host\'s ledger has no platform "shop"; it is empty');
  expect(changed).toEqual([]);
});

test('what a Compose file says that nobody acts on stands among the plan’s warnings', async () => {
  const compose = composeFile('    deploy: { placement: { constraints: [x] } }\n');
  const { outcome } = await start({ input: { platform: 'shop' }, spec: withCompose(), compose });
  expect((outcome as Plan).warnings).toContainEqual(
    expect.stringMatching(/^compose\.yaml:5 services\.api\.deploy\.placement: only Docker Swarm uses it/),
  );
});

test('making a plan changes nothing', async () => {
  const { outcome, changed } = await start({ input: { platform: 'shop', dry_run: true } });
  expect((outcome as Plan).steps.map((step) => step.kind)).toEqual(
    expect.arrayContaining(['claim', 'launch', 'swap', 'record']),
  );
  expect(changed).toEqual([]);
});

test('what is not released with the rest is not asked for its image', async () => {
  const spec = good.replace(
    'services:\n',
    'services:\n  web: { image: registry.example.com/shop/web:gone, needs: [{ service: api }] }\n',
  );
  const { outcome } = await start({ input: { platform: 'shop', services: ['api'] }, spec });
  expect((outcome as Plan).services.map(({ service }) => service)).toEqual(['api']);
  const whole = await start({ input: { platform: 'shop' }, spec });
  expect(whole.outcome).toMatchObject({ code: 'image-unknown' });
});

test('a first release beside instances of another home is refused, and takes their place where it is told to', async () => {
  const foreign = 'shop-api-r3-1';
  const input = { platform: 'shop' };
  const { outcome, changed } = await start({ input, foreign });
  expect(outcome).toMatchObject({
    code: 'preflight-failed',
    message: expect.stringMatching(/^shop-api-r3-1 runs, and the ledger in .* does not know shop: another BELAY_HOME/),
    hint: expect.stringContaining('belay release --take-over'),
  });
  expect(changed).toEqual([]);
  expect((await start({ input: { ...input, take_over: true }, foreign })).outcome).toHaveProperty('steps');
});

test('a release of containers asks no other runtime for instances of another home', async () => {
  const specs = mkdtempSync(join(folder, 'specs-'));
  writeFileSync(join(specs, 'belay.yaml'), good);
  const runtime = fakeRuntime();
  runtime.publish('registry.example.com/shop/api:1', 'sha256:1111');
  const proxyOf = adaptersOf(() => fakeProxy({ backends: { api: ['s1', 's2', 's3'] } }));
  const deps = fakeDeps({ home: mkdtempSync(join(folder, 'home-')), runtime, specs: [specs], proxyOf });
  const asked: string[] = [];
  const runtimeOf: typeof deps.runtimeOf = (kind = 'docker') => {
    asked.push(kind);
    return deps.runtimeOf(kind);
  };
  const forOnePlan = () => ({ ...deps.forOnePlan(), runtimeOf });
  await runActivity(plan({ ...deps, runtimeOf, forOnePlan }), { platform: 'shop' });
  expect([...new Set(asked)]).toEqual(['docker']);
});

test('a version given for one release is planned with the image that the files name', async () => {
  const spec = good.replace('api:1', 'api:0');
  const { outcome } = await start({ input: { platform: 'shop', versions: { api: '1' } }, spec });
  const claim = (outcome as Plan).steps.find((step) => step.kind === 'claim');
  expect(claim?.pending?.desired).toMatchObject({
    artifact: { ref: 'registry.example.com/shop/api:1' },
    written: 'registry.example.com/shop/api:0',
  });
});

test('what is wrong with many services is said once, with their names', async () => {
  const image = 'image: "registry.example.com/shop/api:1"';
  const spec = good.replace('services:\n', `services:\n  web: { ${image} }\n  worker: { ${image} }\n`);
  const { outcome } = await start({ input: { platform: 'shop' }, spec });
  expect((outcome as Plan).warnings).toEqual([
    expect.stringMatching(/^api, web, worker: no health\.ready: /),
    expect.stringMatching(/^api: instances behind a proxy have no network alias: /),
    expect.stringMatching(/^web, worker: no route through a proxy: /),
  ]);
});

test('a platform whose folder comes later is found without another worker', async () => {
  const specs = mkdtempSync(join(folder, 'specs-'));
  const runtime = fakeRuntime();
  runtime.publish('registry.example.com/shop/api:1', 'sha256:1111');
  const proxyOf = adaptersOf(() => fakeProxy({ backends: { api: ['s1', 's2', 's3'] } }));
  const made = plan(fakeDeps({ home: mkdtempSync(join(folder, 'home-')), runtime, specs: [specs], proxyOf }));
  await expect(runActivity(made, { platform: 'shop' })).rejects.toMatchObject({ code: 'platform-unknown' });
  mkdirSync(join(specs, 'new'));
  writeFileSync(join(specs, 'new', 'belay.yaml'), good);
  expect(await runActivity(made, { platform: 'shop' })).toMatchObject({ platform: 'shop' });
});
