import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Deps } from '../../activities';
import { planDrop } from '../../activities/planning/drop';
import { planPrune } from '../../activities/planning/prune';
import { plan } from '../../activities/planning/release';
import { planRollback } from '../../activities/planning/rollback';
import type { BelayError } from '../../src/errors';
import type { Plan } from '../../src/model/plan';
import { openProject } from '../../src/project/project';
import { readProject } from '../../src/runtimes/docker/project/sources';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';
import { desiredService } from '../plan/arbitraries';

const base = `platform: shop
compose: compose.yaml
environments: { staging: belay.staging.yaml, qa: belay.qa.yaml }
services: { api: {} }
`;
const compose = `services:
  api:
    image: "shop/api:\${TAG}"
    environment: { PASSWORD: "\${PASSWORD}" }
    volumes: ["./config:/config:ro"]
`;
const files = {
  'belay.yaml': base,
  'belay.staging.yaml': 'env_files: [.env, .env.staging]\nservices: { api: { instances: 2 } }\n',
  'belay.qa.yaml': '',
  'compose.yaml': compose,
  '.env': "TAG=1\nPASSWORD='for the shop'\n",
  '.env.staging': "TAG=2\nPASSWORD='for staging'\n",
};

let home: string;
let folder: string;
let runtime: FakeRuntime;
let deps: Deps;

const write = (texts: Record<string, string>) => {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-environments-'));
  folder = join(home, 'specs', 'shop');
  runtime = fakeRuntime();
  for (const tag of ['1', '2']) runtime.publish(`shop/api:${tag}`, `sha256:${tag}`);
  deps = fakeDeps({
    home,
    runtime,
    specs: [join(home, 'specs')],
    proxyOf: adaptersOf(() => fakeProxy({ backends: { api: ['s1', 's2', 's3'] } })),
  });
  write(files);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const made = (input: object, make = plan): Promise<Plan> => runActivity(make(deps), input);

const refusal = (input: object, make = plan): Promise<BelayError> =>
  made(input, make).then(
    () => Promise.reject(new Error('not refused')),
    (error: unknown) => error as BelayError,
  );

/** Returns the Compose project of an environment, as the host reads it. */
const projectOf = (env?: string, sent: Record<string, string> = {}) =>
  readProject(deps, { project: openProject({ folder, files: sent, env }) }).then(({ compose }) => compose);

describe('an environment', () => {
  test.each([
    ['by its platform and its name', { platform: 'shop', env: 'staging' }],
    ['by its own platform', { platform: 'shop-staging' }],
    ['by both', { platform: 'shop-staging', env: 'staging' }],
  ])('is found %s', async (_how, input) => {
    const { platform, source, services } = await made(input);
    expect({ platform, source }).toEqual({
      platform: 'shop-staging',
      source: { folder, env: 'staging', versions: {}, files: {} },
    });
    expect(services[0]!.to).toMatchObject({ artifact: { ref: 'shop/api:2' }, instances: 2 });
  });

  test('leaves the platform itself what it is', async () => {
    const { platform, source, services } = await made({ platform: 'shop' });
    expect(platform).toBe('shop');
    expect(source).toEqual({ folder, versions: {}, files: {} });
    expect(services[0]!.to).toMatchObject({ artifact: { ref: 'shop/api:1' }, instances: 1 });
  });

  test('is found by the platform that its file names', async () => {
    write({ 'belay.qa.yaml': 'platform: quality\n' });
    expect((await made({ platform: 'quality' })).source.env).toBe('qa');
    expect((await made({ platform: 'shop', env: 'qa' })).platform).toBe('quality');
    expect(await refusal({ platform: 'shop-qa' })).toMatchObject({ code: 'platform-unknown' });
  });

  test('that nobody has named is refused', async () => {
    expect(await refusal({ platform: 'shop', env: 'live' })).toMatchObject({
      code: 'input-invalid',
      message: 'env: there is no environment live',
      hint: 'the environments are staging, qa',
    });
  });

  test('that has the name of another platform is refused', async () => {
    write({ '../other/belay.yaml': 'platform: shop-staging\nservices: { api: { image: "shop/api:1" } }\n' });
    const other = join(home, 'specs', 'other');
    const message = `platform "shop-staging" is ${other} and environment staging of ${folder}`;
    for (const input of [{ platform: 'shop', env: 'staging' }, { platform: 'shop-staging' }])
      expect(await refusal(input)).toMatchObject({ code: 'input-invalid', message });
  });

  test('has its values masked, and those of no other file', async () => {
    await projectOf('staging');
    expect(deps.masker.mask('for staging, for the shop')).toBe('***, for the shop');
  });

  test('goes back by the name that the host knows it by, whatever became of its file', async () => {
    const gone = await refusal({ platform: 'shop', env: 'staging' }, planRollback);
    expect(gone.message).toBe('this host\'s ledger has no platform "shop-staging"; it is empty');
    write({ 'belay.yaml': '[', 'belay.qa.yaml': 'platform: quality' });
    expect((await refusal({ platform: 'shop', env: 'staging' }, planRollback)).message).toBe(gone.message);
    write(files);
    write({ 'belay.qa.yaml': 'platform: quality' });
    expect((await refusal({ platform: 'shop', env: 'qa' }, planRollback)).message).toContain('"quality"');
  });
});

describe('by its platform and its name, an environment', () => {
  const asked = { platform: 'shop', env: 'staging' };

  test('is dropped, under the name that the host knows it by', async () => {
    const { platform, warnings } = await made(asked, planDrop);
    expect(platform).toBe('shop-staging');
    expect(warnings).toContain("this host's ledger does not know shop-staging");
  });

  test('is pruned, and is not taken for the platform itself', async () => {
    expect((await refusal(asked, planPrune)).message).toContain('"shop-staging"');
    expect((await refusal({ env: 'staging' }, planPrune)).message).toContain('staging needs a platform');
  });
});

describe('the Compose project of an environment', () => {
  test('is its own, with its networks', async () => {
    const [own, staging, qa] = await Promise.all([projectOf(), projectOf('staging'), projectOf('qa')]);
    expect([own, staging, qa].map((one) => [one.name, one.networks.default!.name])).toEqual([
      ['shop', 'shop_default'],
      ['shop-staging', 'shop-staging_default'],
      ['shop-qa', 'shop-qa_default'],
    ]);
    expect(staging.services.api!.environment).toEqual({ PASSWORD: 'for staging' });
    expect(staging.warnings).toEqual([]);
  });

  test('is its own also where the Compose file names one', async () => {
    write({ 'compose.yaml': `name: store\n${compose}` });
    expect((await projectOf()).name).toBe('store');
    expect((await projectOf('staging')).name).toBe('shop-staging');
  });

  test('is its own also without a Compose file', async () => {
    write({
      'belay.yaml': 'platform: shop\nenvironments: { staging: s.yaml }\nservices: { api: { image: "shop/api:1" } }\n',
      's.yaml': '',
    });
    expect((await projectOf()).name).toBe('shop');
    expect((await projectOf('staging')).name).toBe('shop-staging');
    write({ '.env': 'COMPOSE_PROJECT_NAME=store\n' });
    expect((await projectOf()).name).toBe('store');
    expect((await projectOf('staging')).name).toBe('shop-staging');
  });

  test('is the one that its own files name', async () => {
    write({ '.env.staging': 'TAG=2\nPASSWORD=secret\nCOMPOSE_PROJECT_NAME=stage\n' });
    expect((await projectOf('staging')).name).toBe('stage');
    write({
      'compose.yaml': `name: "store-\${STAGE:-live}"\n${compose}`,
      '.env.staging': 'TAG=2\nPASSWORD=secret\nSTAGE=two\n',
    });
    expect((await projectOf('staging')).name).toBe('store-two');
    expect((await projectOf('qa')).name).toBe('shop-qa');
  });

  test('that another environment names too is refused', async () => {
    const named = 'TAG=2\nPASSWORD=secret\nCOMPOSE_PROJECT_NAME=stage\n';
    write({ '.env.staging': named, '.env.qa': named, 'belay.qa.yaml': 'env_files: [.env.qa]\n' });
    await expect(projectOf('staging')).rejects.toMatchObject({
      code: 'compose-invalid',
      message: 'the environments staging and qa have one Compose project, stage',
    });
  });

  test('warns of a network and a volume that have one name everywhere', async () => {
    write({
      'compose.yaml': `${compose}networks: { default: { name: shared }, own: { external: true } }\nvolumes: { data: { name: data } }\n`,
    });
    const { warnings } = await projectOf('staging');
    expect(warnings.map((one) => one.split(':')[0])).toEqual(['every environment shares the network shared']);
  });
});

describe('several Compose files', () => {
  beforeEach(() =>
    write({
      'belay.yaml': base.replace('compose: compose.yaml', 'compose: [compose.yaml, more/compose.prod.yaml]'),
      'more/compose.prod.yaml': 'services: { api: { environment: { MODE: prod }, volumes: ["./more:/more:ro"] } }\n',
    }),
  );

  test('are merged by Compose, in the folder of the first', async () => {
    const { services, file, path, warnings } = await projectOf();
    expect(services.api).toMatchObject({ environment: { MODE: 'prod', PASSWORD: 'for the shop' } });
    expect(services.api!.volumes!.map((one) => one.source)).toEqual([join(folder, 'config'), join(folder, 'more')]);
    expect(file).toBe('compose.yaml, more/compose.prod.yaml');
    expect(path).toBe(`${join(folder, 'compose.yaml')},${join(folder, 'more/compose.prod.yaml')}`);
    expect(warnings).toEqual([]);
  });

  test('are replaced by those sent, one by one, with the same result', async () => {
    const own = await projectOf();
    expect(await projectOf(undefined, { 'compose.yaml': compose })).toEqual(own);
    const other = await projectOf(undefined, { './more/compose.prod.yaml': 'services: { api: { user: "1" } }' });
    expect(other.services.api).toMatchObject({ user: '1', environment: { PASSWORD: 'for the shop' } });
  });

  test.each([
    ['a list', 'compose: [compose.yaml, gone.yaml]', 'belay.yaml:2:25 compose[1]: gone.yaml is not there'],
    ['one', 'compose: gone.yaml', 'belay.yaml:2:10 compose: gone.yaml is not there'],
  ])('of which one is neither sent nor there are refused by its place: %s', async (_what, line, message) => {
    write({ 'belay.yaml': base.replace('compose: compose.yaml', line) });
    expect(await refusal({ platform: 'shop' })).toMatchObject({ code: 'spec-invalid', message });
  });

  test('that Compose refuses are named as people know them, not by their copies', async () => {
    const error = await refusal({ platform: 'shop', files: { 'more/compose.prod.yaml': 'services: [' } });
    expect(error).toMatchObject({ code: 'compose-invalid', hint: expect.stringContaining('-f compose.yaml -f more/') });
    expect(error.message).not.toContain('belay-copy-');
    const included = {
      'compose.yaml': `include: [one.yaml]\n${compose}`,
      'one.yaml': 'services: { one: { image: 1 } }',
    };
    write({ 'one.yaml': '' });
    expect((await refusal({ platform: 'shop', files: included })).message).toContain(
      'validating one.yaml: services.one',
    );
  });
});

test.each(['secrets', 'configs'])('a file of %s that is not there is named', async (kind) => {
  const declared = `${kind}: { key: { file: ./keys/key.pem }, other: { file: ./other } }`;
  write({ 'compose.yaml': `${compose}    ${kind}: [key]\n${declared}\n` });
  const { code, message } = await refusal({ platform: 'shop' });
  expect(code).toBe('compose-invalid');
  expect(message).toMatch(new RegExp(`^compose.yaml ${kind}\\.key\\.file: .*/keys/key.pem is not there$`));
});

describe('env files', () => {
  test('are taken in their order, and in place of .env', async () => {
    write({ 'belay.staging.yaml': 'env_files: [.env.staging]\n' });
    expect((await projectOf('staging')).services.api!.image).toBe('shop/api:2');
    write({ 'belay.staging.yaml': 'env_files: [.env.staging, .env]\n' });
    expect((await projectOf('staging')).services.api!.image).toBe('shop/api:1');
  });

  test('that are not there are refused by their place', async () => {
    rmSync(join(folder, '.env.staging'));
    expect(await refusal({ platform: 'shop', env: 'staging' })).toMatchObject({
      code: 'spec-invalid',
      message: 'belay.staging.yaml:1:19 env_files[1]: .env.staging is not there',
      hint: 'write it on the host: it is never sent',
    });
  });

  test('that are broken are refused without a word of their content', async () => {
    write({ '.env.staging': 'PASSWORD="s3cret\nUSER=ana\n' });
    const error = await refusal({ platform: 'shop', env: 'staging' });
    expect(error).toMatchObject({ code: 'compose-invalid', message: expect.stringContaining('.env.staging') });
    expect(error.message).not.toContain('s3cret');
  });
});

describe('files sent with a release', () => {
  test('may be belay.yaml, overlays and Compose files', async () => {
    const sent = {
      'belay.yaml': base.replace('qa: belay.qa.yaml', 'live: belay.live.yaml'),
      'belay.live.yaml': 'services: { api: { instances: 3 } }',
      'compose.yaml': compose.replace('TAG', 'TAG:-1'),
    };
    const { platform, services, source } = await made({ platform: 'shop', env: 'live', files: sent });
    expect({ platform, source }).toEqual({
      platform: 'shop-live',
      source: { folder, env: 'live', versions: {}, files: sent },
    });
    expect(services[0]!.to.instances).toBe(3);
  });

  test('may be what Compose files take in, however deep, with paths of the folder', async () => {
    write({
      'compose.yaml': `include: [parts/one.yaml]\n${compose}    extends: { file: base.yaml, service: api }\n`,
      'parts/one.yaml': 'include: [two.yaml]\nservices: { one: { image: one, volumes: ["./one:/one:ro"] } }\n',
      'parts/two.yaml': 'services: { two: { image: two, volumes: ["./two:/two:ro"] } }\n',
      'base.yaml': 'services: { api: { user: "1" } }\n',
    });
    const own = await projectOf();
    const { services } = await projectOf(undefined, {
      'parts/two.yaml': 'services: { two: { image: other, volumes: ["./two:/two:ro"] } }\n',
      'base.yaml': 'services: { api: { user: "2" } }\n',
    });
    expect(services.two).toEqual({ ...own.services.two, image: 'other' });
    expect(services.one).toEqual(own.services.one);
    expect(services.api).toEqual({ ...own.services.api, user: '2' });
    expect(services.two!.volumes![0]!.source).toBe(join(folder, 'parts/two'));
  });

  test('that are extended and have paths of their own are refused', async () => {
    write({
      'compose.yaml': `${compose}    extends: { file: base.yaml, service: api }\n`,
      'base.yaml': 'services: { api: { user: "1" } }\n',
    });
    const sent = { 'base.yaml': 'services: { api: { volumes: ["./more:/more:ro"] } }\n' };
    expect(await refusal({ platform: 'shop', files: sent })).toMatchObject({
      code: 'input-invalid',
      message: 'files: base.yaml: is extended, and names paths of its own folder',
    });
  });

  test.each(['.env', '.env.staging', 'config/a.conf', '../other/belay.yaml', 'belay.yaml.bak'])(
    'may not be %s',
    async (name) => {
      expect(await refusal({ platform: 'shop', env: 'staging', files: { [name]: 'A=1' } })).toMatchObject({
        code: 'input-invalid',
        message: `files: ${name}: only belay.yaml, belay.staging.yaml, belay.qa.yaml, compose.yaml can be sent`,
        hint: expect.stringContaining('stay on the host'),
      });
    },
  );

  test('may not be outside the folder, whatever a file that is sent takes in', async () => {
    const outside = join(home, 'outside.yaml');
    const sent = { 'compose.yaml': `include: [../../outside.yaml, ${outside}]\n${compose}` };
    for (const name of ['../../outside.yaml', outside])
      expect((await refusal({ platform: 'shop', files: { ...sent, [name]: 'services: {}' } })).message).toMatch(
        /^files: .*outside\.yaml: only belay\.yaml,/,
      );
    expect(existsSync(outside)).toBe(false);
  });

  test('may not be those of another platform', async () => {
    const sent = { 'belay.yaml': base.replace('platform: shop', 'platform: blog') };
    for (const input of [{ platform: 'shop' }, { platform: 'shop', env: 'staging' }])
      expect((await refusal({ ...input, files: sent })).message).toMatch(
        /^files: the spec that was sent is of platform blog(-staging)?, not shop$/,
      );
  });

  test('leave nothing behind', async () => {
    const { TMPDIR } = process.env;
    process.env.TMPDIR = mkdtempSync(join(home, 'tmp-'));
    try {
      await projectOf(undefined, { 'compose.yaml': compose });
      await expect(projectOf(undefined, { 'compose.yaml': 'services: [' })).rejects.toThrow();
      expect(readdirSync(process.env.TMPDIR)).toEqual([]);
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    }
  });
});

describe('beside another platform of the host', () => {
  const proxied = `platform: shop
environments: { staging: belay.staging.yaml }
proxies: { edge: { kind: haproxy, socket: /run/h.sock, config: /etc/h.cfg } }
services: { api: { image: "shop/api:1", routes: [{ proxy: edge, port: 8080 }] } }
`;
  interface Other {
    platform?: string;
    service?: string;
    socket?: string;
    network?: string;
    kind?: string;
  }
  const neighbour = async (fields: Other) => {
    const { platform = 'shop', service = 'api', socket = '/run/h.sock', network, kind = 'haproxy' } = fields;
    const own = deps.ledger.of({ platform, service });
    const routes = [{ proxy: 'front', backend: 'api', port: 8080 }];
    const desired = { ...desiredService({ service, routes }), project: 'store' };
    const proxies = { front: { kind: kind as 'haproxy', socket, config: '/etc/h.cfg' } };
    const site = { proxies, ports: { first: 20_000, last: 20_999 } };
    await own.writePending({ task: { kind: 'run' }, number: 1, desired, site, by: '', reason: '', release: 'a' });
    const networks = network === undefined ? [] : [{ Name: network }];
    const resources = { networks, volumes: [], external: { networks: [], volumes: [] } };
    await own.configure(1, { create: {}, resources } as Parameters<typeof own.configure>[1]);
    await own.setState(1, 'recorded');
    await own.setHead(1);
    return { platform, service };
  };
  const present = ({ platform, service }: { platform: string; service: string }) =>
    runs(runtime, {
      name: `${platform}-${service}-r1-1`,
      image: 'shop/api:1',
      labels: ownLabels({ platform, service }),
    });

  test('a backend of a proxy is refused that the other one uses', async () => {
    write({ 'belay.yaml': proxied, 'belay.staging.yaml': '' });
    await present(await neighbour({}));
    expect(await refusal({ platform: 'shop', env: 'staging' })).toMatchObject({
      code: 'preflight-failed',
      message: 'shop-staging: backend edge/api is that of shop/api on this host too',
      hint: 'give each platform backends of its own',
    });
    expect((await made({ platform: 'shop' })).platform).toBe('shop');
  });

  test('names of containers are refused that the other one has', async () => {
    write({ 'belay.staging.yaml': 'env_files: [.env.staging]' });
    await present(await neighbour({ service: 'staging-api' }));
    expect((await refusal({ platform: 'shop', env: 'staging' })).message).toBe(
      'shop-staging: the name shop-staging-api of containers is that of shop/staging-api on this host too',
    );
  });

  test('a network is refused that the other one has', async () => {
    write({ 'compose.yaml': `${compose}networks: { default: { name: shared } }\n` });
    await present(await neighbour({ network: 'shared' }));
    expect((await refusal({ platform: 'shop', env: 'staging' })).message).toBe(
      'shop-staging: the network shared is that of shop/api on this host too',
    );
  });

  test('a proxy of a kind that only a newer Belay has is no matter', async () => {
    write({ 'belay.yaml': proxied, 'belay.staging.yaml': '' });
    await present(await neighbour({ kind: 'traefik' }));
    expect((await made({ platform: 'shop', env: 'staging' })).platform).toBe('shop-staging');
  });

  test('what another proxy has is no matter, nor what runs no more', async () => {
    write({ 'belay.yaml': proxied, 'belay.staging.yaml': '' });
    await present(await neighbour({ socket: '/run/other.sock' }));
    await neighbour({ platform: 'gone' });
    expect((await made({ platform: 'shop', env: 'staging' })).platform).toBe('shop-staging');
  });
});
