import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ReleaseRequest } from '../../src/model/requests';
import { docker } from '../../testbed';
import { removeContainers } from '../../testbed/platform';
import { chosen } from './chosen';
import { belay } from './command';
import { instancesOf, versionAt } from './containers';
import { configPoints } from './crash-cases';
import { arm } from './crash-point';
import { workerDies } from './crashes';
import { expectNoneFailed } from './expect-settled';
import { untilStep } from './progress';
import { type Server, serversOf } from './servers';
import { frequentChecks, type Stage, setStage } from './stage';

const name = 'e2eenv';
const staging = `${name}-staging`;
let stage: Stage;

const write = (file: string, text: string) => writeFileSync(join(stage.platform.folder, file), text);

beforeAll(async () => {
  await removeContainers(staging);
  stage = await setStage({
    versions: [...['1', '2', '3'].map((tag) => ({ tag })), { tag: 'bad', env: { SMOKE_FAILS: '1' } }],
    mortal: true,
    haproxy: {
      backends: [
        { name: 'api', slots: 4 },
        { name: 'staging', slots: 4 },
      ],
      options: frequentChecks,
    },
    platform: {
      name,
      instances: 2,
      firstPort: 24_000,
      service: { image: undefined, keep: 1, strategy: { kind: 'rolling', surge: 2 } },
      spec: { compose: ['compose.yaml'], env_files: ['.env.live'], environments: { staging: 'belay.staging.yaml' } },
    },
  });
  const routes = [{ proxy: 'edge', backend: 'staging', port: 8080 }];
  writeCompose('COLOUR');
  write('.env.live', 'COLOUR=green\n');
  write('.env.staging', 'COLOUR=amber\n');
  write('belay.staging.yaml', stringify({ env_files: ['.env.staging'], services: { api: { instances: 1, routes } } }));
}, 360_000);

/** A Compose file whose service takes these variables from the env file. */
function writeCompose(...names: string[]): void {
  const environment = Object.fromEntries(names.map((one) => [one, `$\{${one}}`]));
  const service = { image: stage.bed.images['1']!.ref, environment };
  write('compose.yaml', stringify({ name, services: { api: service } }));
}

afterEach(() => stage?.quiet());

afterAll(async () => {
  await stage?.stop();
  await removeContainers(staging);
}, 180_000);

const release = async (request: Omit<ReleaseRequest, 'platform'>) => {
  const { outcome, platform, cause } = await (await stage.release(request)).result();
  expect({ outcome, cause }).toEqual({ outcome: 'released', cause: undefined });
  return platform;
};

const lines = async (...args: string[]) => (await docker(args)).split('\n').filter(Boolean).sort();

/** Everything that a host has of a platform: two looks are equal when nobody has touched it in between. */
async function all(platform: string, backend: string) {
  const ledger = join(stage.platform.home, 'ledger', platform);
  const files = readdirSync(ledger, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return {
    instances: (await instancesOf(platform)).map(({ id, state, pid, port }) => ({ id, state, pid, port })),
    images: await lines('images', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}', `belay/${platform}/*`),
    networks: await networksOf(platform),
    servers: (await serversOf(stage.bed.haproxy, backend)) satisfies Server[],
    ledger: files.map((one) => readFileSync(join(one.parentPath, one.name), 'utf8')).sort(),
  };
}

const networksOf = (project: string) =>
  lines('network', 'ls', '--format', '{{.Name}}', '--filter', `label=com.docker.compose.project=${project}`);

const live = () => all(name, 'api');
const staged = () => all(staging, 'staging');

const versionsOf = async (platform: string) =>
  Promise.all((await instancesOf(platform)).map(({ port }) => versionAt(port)));

const environmentOf = async (platform: string) =>
  (await docker(['inspect', '--format', '{{.Config.Env}}', (await instancesOf(platform))[0]!.id])).match(
    /(COLOUR|SIZE|DEPTH)=\w+/g,
  );

const inTraffic = (servers: Server[]) => servers.filter(({ state }) => state === 'ready').length;

test('two environments are released side by side, each with what is its own', async () => {
  expect(await release({})).toBe(name);
  const before = await live();
  expect(await release({ env: 'staging' })).toBe(staging);
  expect(await live()).toEqual(before);
  const own = await staged();
  expect([before, own].map(({ servers }) => inTraffic(servers))).toEqual([2, 1]);
  expect([before, own].map(({ networks }) => networks)).toEqual([[`${name}_default`], [`${staging}_default`]]);
  expect([await environmentOf(name), await environmentOf(staging)]).toEqual([['COLOUR=green'], ['COLOUR=amber']]);
  expect(own.images.map((one) => one.split(' ')[0])).toEqual([`belay/${staging}/api:r1`]);
});

test('an environment is upgraded, cleaned up after, and brought back, and the other one serves on untouched', async () => {
  const before = await live();
  const load = await stage.load();
  await release({ env: 'staging', versions: { api: '2' } });
  await release({ env: 'staging', versions: { api: '3' } });
  expect(await versionsOf(staging)).toEqual(['3']);
  expect((await staged()).images.map((one) => one.split(' ')[0])).toEqual(
    [2, 3].map((r) => `belay/${staging}/api:r${r}`),
  );
  const back = await stage.platform.belay.rollback({ platform: name, env: 'staging', by: 'tester' });
  expect(await back.result()).toMatchObject({ outcome: 'reverted', platform: staging });
  expect(await versionsOf(staging)).toEqual(['2']);
  expect(await environmentOf(staging)).toEqual(['COLOUR=amber']);
  const { out } = await belay(stage, 'rollback', '--list', '--env', 'staging', '--json');
  expect(JSON.parse(out)).toMatchObject({ platform: staging, targets: [3, 2, 1].map((revision) => ({ revision })) });
  expectNoneFailed(await load.stop());
  expect(await live()).toEqual(before);
});

test('the platform itself is upgraded, and its environment serves on untouched', async () => {
  const before = await staged();
  const load = await stage.load({ url: stage.bed.haproxy.url('staging') });
  await release({ versions: { api: '2' } });
  expectNoneFailed(await load.stop());
  expect(await versionsOf(name)).toEqual(['2', '2']);
  expect(await staged()).toEqual(before);
});

test('both are released at the same time, and neither waits for the other', async () => {
  const own = await stage.release({ versions: { api: '1' } });
  // Two plans of one moment may take the same free ports, and the second release would have to start again.
  await untilStep(own, /claim/, 'done');
  const other = await stage.platform.belay.release({ platform: staging, versions: { api: '1' } });
  await untilStep(other, /claim/, 'done');
  expect((await own.status()).phase).toBe('releasing');
  const found = await Promise.all([name, staging].map((one) => stage.platform.belay.find(one)));
  expect(await Promise.all([own.result(), other.result()])).toMatchObject([
    { outcome: 'released', platform: name },
    { outcome: 'released', platform: staging },
  ]);
  expect(found.map((one) => one?.workflowId)).toEqual([own.workflowId, other.workflowId]);
  expect([await versionsOf(name), await versionsOf(staging)]).toEqual([['1', '1'], ['1']]);
  const ports = [...(await instancesOf(name)), ...(await instancesOf(staging))].map(({ port }) => port);
  expect(new Set(ports).size).toBe(3);
});

/** The next version asks for one more variable, and its release begins. */
async function beginWith(variable: string, api: string) {
  const path = join(stage.platform.folder, '.env.live');
  const text = readFileSync(path, 'utf8');
  write('.env.live.base', text);
  write('.env.example', `${text}${variable}=7\n`);
  writeCompose(...[...text.matchAll(/^(\w+)=/gm)].map(([, key]) => key!), variable);
  chmodSync(path, 0o640);
  chownSync(path, 1234, 4321);
  const spec = {
    compose: ['compose.yaml'],
    env_files: ['.env.live'],
    config: { '.env.live': { from: '.env.example' } },
  };
  const service = { image: undefined, keep: 1, validate: [{ name: 'smoke', http: '/smoke' }] };
  stage.platform.write({ spec, service });
  return { path, text, handle: () => stage.release({ versions: { api } }) };
}

const likeOf = (path: string) => {
  const { mode, uid, gid } = statSync(path);
  return { text: readFileSync(path, 'utf8'), mode: mode & 0o777, uid, gid };
};
const points = chosen(configPoints, ({ way }) => way);

test.each(points.filter(({ way }) => way === 'forward'))(
  'a release takes the env file to its version, also when its worker dies $when $id',
  async (point) => {
    const { path, text, handle } = await beginWith('SIZE', '2');
    const load = await stage.load();
    arm(stage.crashes, point);
    const begun = await handle();
    await workerDies(stage, { point, release: begun });
    expect(await begun.result()).toMatchObject({ outcome: 'released' });
    expectNoneFailed(await load.stop());
    expect(await environmentOf(name)).toEqual(['COLOUR=green', 'SIZE=7']);
    expect(likeOf(path)).toEqual({ text: `${text}SIZE=7\n`, mode: 0o640, uid: 1234, gid: 4321 });
    const kept = readdirSync(stage.platform.folder).filter((one) => one.startsWith('.env.live.before-'));
    expect(kept.map((one) => likeOf(join(stage.platform.folder, one)).text)).toEqual([text]);
  },
);

test.each(points.filter(({ way }) => way === 'undo'))(
  'one that fails puts it back byte for byte, also when its worker dies $when $id',
  async (point) => {
    const { path, handle } = await beginWith('DEPTH', 'bad');
    const files = () => readdirSync(stage.platform.folder).filter((one) => one.startsWith('.env'));
    const before = { env: likeOf(path), base: likeOf(`${path}.base`), files: files() };
    const load = await stage.load();
    arm(stage.crashes, point);
    const begun = await handle();
    await untilStep(begun, /api\/config$/, 'done');
    expect(readFileSync(path, 'utf8')).toContain('DEPTH=7');
    await workerDies(stage, { point, release: begun });
    expect(await begun.result()).toMatchObject({ outcome: 'failed', cause: { code: 'smoke-failed' } });
    expectNoneFailed(await load.stop());
    expect({ env: likeOf(path), base: likeOf(`${path}.base`), files: files() }).toEqual(before);
    expect(await environmentOf(name)).toEqual(['COLOUR=green', 'SIZE=7']);
  },
);

test('a later rollback puts the former file back too', async () => {
  const back = await stage.platform.belay.rollback({ platform: name });
  expect(await back.result()).toMatchObject({ outcome: 'reverted' });
  expect(await environmentOf(name)).toEqual(['COLOUR=green']);
  const path = join(stage.platform.folder, '.env.live');
  expect(likeOf(path)).toEqual({ text: 'COLOUR=green\n', mode: 0o640, uid: 1234, gid: 4321 });
  expect(readdirSync(stage.platform.folder).filter((one) => one.includes('.before-'))).toEqual([]);
  // `docker compose up` compares the containers with the file as it is now.
  const asked = ['--project-directory', stage.platform.folder, '--env-file', path, 'config', '--hash', 'api'];
  const [, hash] = (await docker(['compose', ...asked])).trim().split(' ');
  const ids = (await instancesOf(name)).map(({ id }) => id);
  const format = '{{ index .Config.Labels "com.docker.compose.config-hash" }}';
  expect((await docker(['inspect', '--format', format, ...ids])).trim().split('\n')).toEqual(ids.map(() => hash));
});

test('each revision has its own copy of the files that it mounts, also when it comes back', async () => {
  mkdirSync(join(stage.platform.folder, 'settings'));
  const read = async () => {
    const all = await instancesOf(name);
    const print = "process.stdout.write(require('fs').readFileSync('/app/settings/pool'))";
    return await Promise.all(all.map(({ id }) => docker(['exec', id, 'node', '-e', print])));
  };
  const config = [{ path: './settings', mount: '/app/settings' }];
  const service = { image: undefined, keep: 1, strategy: { kind: 'rolling', surge: 2 }, config };
  stage.platform.write({ spec: { compose: ['compose.yaml'], env_files: ['.env.live'] }, service });
  write('settings/pool', 'five');
  await release({});
  expect(await read()).toEqual(['five', 'five']);
  write('settings/pool', 'six');
  expect(await read()).toEqual(['five', 'five']);
  await release({});
  expect(await read()).toEqual(['six', 'six']);
  const back = await stage.platform.belay.rollback({ platform: name });
  expect(await back.result()).toMatchObject({ outcome: 'reverted' });
  expect(await read()).toEqual(['five', 'five']);
});
