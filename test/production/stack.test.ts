import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { type Belay, connectBelay, type ReleaseHandle } from '../../src/client';
import { docker, type Load, startLoad, waitFor } from '../../testbed';
import { buildHaproxyImage } from '../../testbed/haproxy-image';
import { removeContainers } from '../../testbed/platform';
import { freePort } from '../../testbed/port';
import { projectRoot } from '../../testbed/root';
import { prepareStack, type Stack } from '../../testbed/stack';
import { buildVersions, writePlatform } from '../../testbed/stack-platform';
import { chosen } from '../e2e/chosen';
import { untilStep } from '../e2e/progress';
import { commandsOf, linesOf, runLines } from './docs';
import { ask, queriesOf, scrapeOften, untilScraped } from './observability';

const platform = 'e2eprodshop';
const image = `${platform}/app`;
const blog = 'e2eprodblog';
const proxied = 'unix:///run/belay-docker/docker.sock';
let stack: Stack;
let connection: Connection;
let belay: Belay;
let hostPort: number;
let haproxy: string;

beforeAll(async () => {
  stack = await prepareStack('e2eprod');
  appendFileSync(secretAt('worker_environment'), `\nOTEL_EXPORTER_OTLP_HEADERS=x-key=${headerKey}\n`);
  hostPort = await freePort();
  haproxy = await buildHaproxyImage('1');
  await buildVersions(image, ['1', '2', '3', '4', '5']);
  write({});
}, 1_500_000);

afterAll(async () => {
  await connection?.close();
  await removeContainers(platform);
  await stack?.remove();
}, 360_000);

const write = (service: object): void =>
  writePlatform(stack, { name: platform, image, haproxy, ports: '23000-23099', hostPort, service });

let sending: Load | undefined;
const load = async (): Promise<Load> =>
  (sending = await startLoad({ url: `http://127.0.0.1:${hostPort}`, maxSeconds: 240 }));
afterEach(async () => void (await sending?.stop()));

async function expectNoneFailed(running: Load): Promise<void> {
  const { requests, failed, failures } = await running.stop();
  expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
  expect(requests).toBeGreaterThan(0);
}

const headerKey = 'the-key-of-a-service-that-takes-traces';
const secretAt = (name: string) => join(stack.folder, 'deploy', 'secrets', name);

const idsOf = async () => (await stack.compose('ps', '--all', '--quiet')).split('\n').sort();
const isHealthy = async (service: string) =>
  (await stack.compose('ps', '--format', '{{.Health}}', service)).trim() === 'healthy';

/** Returns the version that a request gets now. */
const version = async () =>
  ((await (await fetch(`http://127.0.0.1:${hostPort}/api/ping`)).json()) as { version: string }).version;

test('says what is missing before anything starts', async () => {
  const secret = secretAt('postgres_password');
  renameSync(secret, `${secret}.away`);
  await expect(stack.compose('up', '--detach', 'postgres')).rejects.toThrow('secrets/postgres_password');
  renameSync(`${secret}.away`, secret);
  await stack.compose('down', '--volumes');
}, 180_000);

test('says which port is taken', async () => {
  const port = Number(stack.settings.TEMPORAL_PORT);
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  await expect(stack.compose('up', '--detach')).rejects.toThrow(`127.0.0.1:${port}: bind: address already in use`);
  other.close();
  await stack.compose('down', '--volumes');
}, 360_000);

test('says where to look when a password is not the one of the database', async () => {
  await stack.compose('up', '--detach', '--wait', 'postgres');
  const secret = secretAt('temporal_db_password');
  const right = readFileSync(secret, 'utf8');
  writeFileSync(secret, 'another');
  await stack.compose('up', '--detach', 'schema');
  const said = 'deploy/secrets and the database differ: docs/production.md, "Passwords"';
  await waitFor({
    what: 'the schema job says so',
    until: async () => (await stack.compose('logs', 'schema')).includes(said),
    within: 90_000,
  });
  writeFileSync(secret, right);
}, 360_000);

test('says so when the volume of its database is full', async () => {
  const limited = join(stack.folder, 'limited.yml');
  const tmpfs = { type: 'tmpfs', device: 'tmpfs', o: 'size=160m,uid=7233,gid=7233' };
  writeFileSync(limited, stringify({ volumes: { database: { driver: 'local', driver_opts: tmpfs } } }));
  await stack.compose('down', '--volumes');
  await stack.compose('--file', 'docker-compose.yml', '--file', limited, 'up', '--detach', '--wait', 'postgres');
  const id = await stack.compose('ps', '--quiet', 'postgres');
  await docker(['exec', id, 'dd', 'if=/dev/zero', 'of=/var/lib/postgresql/data/fill', 'bs=1M', 'count=70']);
  await waitFor({
    what: 'a check that names the volume',
    within: 90_000,
    until: async () =>
      /the volume database has \d+ MB free, and needs 64/.test(await stack.compose('logs', 'postgres')),
  });
  await stack.compose('down', '--volumes');
}, 360_000);

test('comes up from nothing, and a second time changes nothing', async () => {
  await stack.compose('up', '--detach');
  await waitFor({ what: 'the worker is healthy', until: () => isHealthy('worker'), within: 180_000, every: 500 });
  const before = await idsOf();
  await stack.compose('up', '--detach');
  expect(await idsOf()).toEqual(before);
  expect((await fetch(`${stack.uiUrl}/namespaces/belay/workflows`)).status).toBe(200);
  connection = await Connection.connect({ address: stack.address });
  belay = await connectBelay(new Client({ connection, namespace: 'belay' }));
}, 180_000);

test('releases a platform of this host, started by the HTTP API as the docs say', async () => {
  write({ strategy: gated });
  await byHttp(1, linesOf('curl', 'README.md'));
  await untilGate(belay.get(idOf(1)));
  await byHttp(1, linesOf('/signal/approve'));
  expect(await byHttp(1, linesOf('history='))).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED\nreleased');
  expect(await version()).toBe('1');
}, 270_000);

test('is told by the HTTP API to go on, and to go back', async () => {
  await byHttp(2, linesOf('versions'));
  await untilGate(belay.get(idOf(2)));
  await expect(byHttp(2, linesOf('versions'))).rejects.toThrow('409');
  const approve = linesOf('/update/approve');
  expect(await byHttp(2, approve.replace('"ana"', '""'))).toMatch(/"failure":.*"message":".*by/);
  expect(await byHttp(2, approve)).toContain('UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED');
  expect(await byHttp(2, linesOf('history='))).toMatch(/COMPLETED\nreleased$/);
  expect(await version()).toBe('2');
  await byHttp(1, linesOf('versions'));
  await untilGate(belay.get(idOf(1)));
  await byHttp(1, linesOf('/signal/rollback'));
  expect(await byHttp(1, linesOf('history='))).toMatch(/COMPLETED\nrolled-back$/);
  await byHttp(1, linesOf('"rollback"'));
  await expect(belay.get(`rollback-${platform}`).result()).resolves.toMatchObject({ outcome: 'reverted' });
  expect(await version()).toBe('1');
  await expect(byHttp(3, linesOf('history='))).rejects.toThrow('404');
  write({});
}, 270_000);

const gated = { kind: 'rolling', surge: 1, pause_after: 1 };
const idOf = (tag: number) => `release-${platform}-${tag}`;

/** Lines of the docs about `release-shop-2.5.0`, for this platform and another version of it. */
const byHttp = (tag: number, lines: string) =>
  runLines(stack, [linesOf('post()'), lines], {
    'http://127.0.0.1:7243': stack.api,
    '2.5.0': `${tag}`,
    shop: platform,
  });

test('is watched by Prometheus from then on', async () => {
  scrapeOften(stack);
  await stack.compose('up', '--detach', 'prometheus', 'alertmanager', 'postgres-exporter');
  await untilScraped(stack);
}, 270_000);

test.each([
  ['temporal', 'temporal_db_password'],
  ['exporter', 'exporter_db_password'],
  ['postgres', 'postgres_password'],
])(
  'takes another password of %s, as the docs say',
  async (role, file) => {
    const before = readFileSync(secretAt(file), 'utf8');
    await runLines(stack, [linesOf('ALTER ROLE'), commandsOf(`| \`${role}\` | \`${file}\` |`)], {
      temporal_db_password: file,
      'role=temporal': `role=${role}`,
    });
    const after = readFileSync(secretAt(file), 'utf8');
    expect(after).not.toBe(before);
    await expect(signIn(role, before)).rejects.toThrow('password authentication failed');
    await expect(signIn(role, after)).resolves.toBe('1');
  },
  60_000,
);

/** Signs in by TCP, which asks for the password. */
const signIn = (role: string, password: string) => {
  const psql = `psql --host=postgres --username=${role} --dbname=temporal --tuples-only --no-align`;
  const inside = ['exec', '--no-TTY', '--env', `PGPASSWORD=${password}`, 'postgres'];
  return stack.compose(...inside, ...psql.split(' '), '--command=select 1');
};

test('releases under load what a program in another container asks for, and goes back', async () => {
  const running = await load();
  const program = `
    const { connectBelay } = require('/opt/belay/dist/src');
    connectBelay()
      .then((belay) => belay.release({ platform: '${platform}', versions: { api: '2' }, by: 'ci' }))
      .then((release) => release.result())
      .then(({ outcome }) => console.log(outcome) ?? process.exit(0));`;
  const options = ['run', '--rm', '--no-deps', '--no-TTY', '--entrypoint', 'node', 'worker', '-e', program];
  expect(await stack.compose(...options)).toBe('released');
  expect(await version()).toBe('2');
  await expect((await belay.rollback({ platform })).result()).resolves.toMatchObject({ outcome: 'reverted' });
  expect(await version()).toBe('1');
  await expectNoneFailed(running);
}, 360_000);

test('tells from elsewhere what only the host knows', async () => {
  const asked = { what: 'history', host: 'e2eprod', platform } as const;
  const { text, code } = await belay.inspect(asked);
  expect({ text, code }).toEqual({ text: expect.stringMatching(/→ +6 +head .*e2eprodshop\/app:1/), code: 0 });
  const { services } = JSON.parse((await belay.inspect({ ...asked, json: true })).text) as { services: unknown[] };
  expect(services).toHaveLength(1);
  expect((await belay.inspect({ what: 'doctor', host: 'e2eprod', platform })).text).toContain('✓ engine');
  const nowhere = belay.inspect({ ...asked, host: 'nowhere' });
  await expect(nowhere).rejects.toMatchObject({
    code: 'worker-unreachable',
    message: 'no worker of host nowhere has taken the request within 10 s',
  });
});

test('releases on another host what that one has, with its worker alone', async () => {
  const other = await prepareStack('e2eprodb');
  try {
    const lines = ['COMPOSE_PROFILES=worker', `TEMPORAL_ADDRESS=${stack.address}`];
    appendFileSync(join(other.folder, '.env'), `${lines.join('\n')}\n`);
    writePlatform(other, { name: blog, image, haproxy, ports: '23100-23199' });
    await other.compose('up', '--detach', '--wait');
    expect(await other.compose('ps', '--services')).toBe('worker');
    const release = await belay.release({ platform: blog, host: 'e2eprodb' });
    await expect(release.result()).resolves.toMatchObject({ outcome: 'released' });
    const { text } = await belay.inspect({ what: 'history', host: 'e2eprodb', platform: blog });
    expect(text).toMatch(/→ +1 +head/);
  } finally {
    await removeContainers(blog);
    await other.remove();
  }
}, 360_000);

test('looks at its host from within the image', async () => {
  const doctor = await stack.compose('run', '--rm', '--no-deps', '--no-TTY', 'worker', 'doctor', '-f', stack.specs);
  for (const row of ['engine', 'temporal', 'worker', 'proxy edge']) expect(doctor).toMatch(new RegExp(`✓ ${row}`));
}, 180_000);

test.each(chosen(['worker', 'temporal', 'postgres'], () => 'service'))(
  'goes on where it stood when %s is killed in the middle',
  async (service) => {
    const running = await load();
    const release = await belay.release({ platform, versions: { api: service === 'temporal' ? '3' : '2' } });
    await untilStep(release, /launch\//, 'done');
    await stack.kill(service);
    await expect(ended(release)).resolves.toMatchObject({ outcome: 'released' });
    await expectNoneFailed(running);
    await expect((await belay.rollback({ platform })).result()).resolves.toMatchObject({ outcome: 'reverted' });
  },
  180_000,
);

/** Asks again while Temporal is away. */
async function ended(release: ReleaseHandle) {
  let result: unknown;
  await waitFor({
    what: 'the release has ended',
    within: 120_000,
    until: async () => {
      result = await release.result();
      return true;
    },
  });
  return result;
}

test('goes on with a new image of the worker, at a gate and in the middle', async () => {
  write({ strategy: gated });
  const running = await load();
  const release = await belay.release({ platform, versions: { api: '2' } });
  await untilGate(release);
  const before = await workerImage();
  await renewWorker();
  await release.say('approve', { by: 'ana' });
  await untilStep(release, /launch\/.*-2$/, 'running');
  await renewWorker();
  await expect(ended(release)).resolves.toMatchObject({ outcome: 'released' });
  expect(await workerImage()).not.toBe(before);
  write({});
  await expect((await belay.rollback({ platform })).result()).resolves.toMatchObject({ outcome: 'reverted' });
  await expectNoneFailed(running);
}, 240_000);

const untilGate = (release: ReleaseHandle) =>
  waitFor({ what: 'the gate', until: async () => (await release.status()).waiting.length > 0, within: 180_000 });

const workerImage = async () =>
  docker(['inspect', '--format', '{{.Image}}', await stack.compose('ps', '--quiet', 'worker')]);

/** The same programs, and another image. */
async function renewWorker(): Promise<void> {
  const { BELAY_IMAGE: worker } = stack.settings;
  await docker(['build', '--tag', worker!, '-'], { input: `FROM ${worker}\nLABEL renewed=${Date.now()}\n` });
  await stack.compose('up', '--detach', '--no-deps', 'worker');
}

test('waits at a gate through a stop and a start of everything', async () => {
  write({ strategy: gated });
  const running = await load();
  const release = await belay.release({ platform, versions: { api: '4' } });
  await untilGate(release);
  await stack.compose('down');
  await stack.compose('up', '--detach');
  await waitFor({ what: 'the worker is healthy', until: () => isHealthy('worker'), within: 180_000, every: 500 });
  await release.say('approve', { by: 'ana' });
  await expect(ended(release)).resolves.toMatchObject({ outcome: 'released' });
  expect(await version()).toBe('4');
  await expectNoneFailed(running);
}, 240_000);

test('comes back from its dumps in a new volume, in the middle of a gate', async () => {
  write({ strategy: gated });
  const release = await belay.release({ platform, versions: { api: '5' } });
  await untilGate(release);
  const databases = ['temporal', 'temporal_visibility'];
  const inside = (command: string) => stack.compose('exec', '--no-TTY', 'postgres', 'sh', '-c', command);
  const dumps = join(stack.folder, 'dumps');
  mkdirSync(dumps);
  for (const one of databases) await inside(`pg_dump -U postgres -Fc ${one} > /tmp/${one}.dump`);
  for (const one of databases) writeFileSync(join(dumps, one), await inside(`base64 -w 0 /tmp/${one}.dump`));
  await stack.compose('stop', 'temporal', 'ui', 'worker');
  await stack.compose('rm', '--stop', '--force', 'postgres');
  await docker(['volume', 'rm', 'e2eprod_database']);
  await stack.compose('up', '--detach', '--wait', 'postgres');
  for (const one of databases) {
    const statements = [`DROP DATABASE IF EXISTS ${one} WITH (FORCE)`, `CREATE DATABASE ${one} OWNER temporal`];
    await inside(`psql -U postgres ${statements.map((text) => `-c '${text}'`).join(' ')}`);
    await restore(one, join(dumps, one));
  }
  await stack.compose('up', '--detach');
  await waitFor({ what: 'the worker is healthy', until: () => isHealthy('worker'), within: 180_000, every: 500 });
  await release.say('approve', { by: 'ana' });
  await expect(ended(release)).resolves.toMatchObject({ outcome: 'released' });
  write({});
  await expect((await belay.rollback({ platform })).result()).resolves.toMatchObject({ outcome: 'reverted' });
}, 240_000);

/** Restores by standard input, as the docs say. */
async function restore(database: string, dump: string): Promise<void> {
  const id = (await stack.compose('ps', '--quiet', 'postgres')).trim();
  const command = `base64 -d | pg_restore -U postgres --exit-on-error -d ${database}`;
  await docker(['exec', '-i', id, 'sh', '-c', command], { input: readFileSync(dump, 'utf8') });
}

test('releases and goes back with no more of the engine than the socket proxy lets through', async () => {
  appendFileSync(join(stack.folder, '.env'), 'COMPOSE_FILE=docker-compose.yml:compose.socket-proxy.yml\n');
  await stack.compose('up', '--detach', 'socket-proxy', 'worker');
  await waitFor({ what: 'the worker is healthy', until: () => isHealthy('worker'), within: 180_000, every: 500 });
  write({});
  const running = await load();
  const release = await belay.release({ platform, versions: { api: '5' } });
  await expect(release.result()).resolves.toMatchObject({ outcome: 'released' });
  expect(await version()).toBe('5');
  await expect((await belay.rollback({ platform })).result()).resolves.toMatchObject({ outcome: 'reverted' });
  await expectNoneFailed(running);
  const refused = async () => (await stack.compose('logs', '--no-color', 'socket-proxy')).includes(' 403 ');
  expect(await refused()).toBe(false);
  const docker = ['exec', '--no-TTY', '--env', `DOCKER_HOST=${proxied}`, 'worker', 'docker'];
  const worker = await stack.compose('ps', '--quiet', 'worker');
  for (const command of [
    ['exec', worker, 'true'],
    ['swarm', 'init'],
  ])
    await expect(stack.compose(...docker, ...command)).rejects.toThrow('does not let this through');
  await waitFor({ what: 'the refusal is logged', until: refused });
}, 180_000);

test.each(queriesOf(join(projectRoot, 'deploy', 'grafana', 'dashboards', 'belay.json')))(
  'the dashboard has data for $title',
  async ({ query }) => {
    const hasData = async () => {
      const { status, error, data } = await ask(stack, query);
      if (status !== 'success') throw new Error(error);
      return data.result.length > 0;
    };
    await waitFor({ what: query, until: hasData, within: 60_000, every: 500 });
  },
);

test.each([
  'count by (platform, kind, outcome) (belay_release_total) > 1',
  'count by (platform, service) (belay_drain_cut_total) > 1',
])('counts in the series that began with the worker: nothing has %s', async (query) => {
  expect((await ask(stack, query.replace(/ > 1$/, ''))).data.result).not.toEqual([]);
  expect((await ask(stack, query)).data.result).toEqual([]);
});

test('its alerts are what promtool expects', async () => {
  const folder = join(projectRoot, 'deploy', 'prometheus');
  const image = /image: (prom\/prometheus:\S+)/.exec(
    readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8'),
  )![1]!;
  const mount = `${folder}:/rules:ro`;
  const promtool = ['run', '--rm', '--volume', mount, '--workdir', '/rules', '--entrypoint', 'promtool', image];
  expect(await docker([...promtool, 'test', 'rules', 'alerts.test.yml'])).toContain('SUCCESS');
});

test('shows no secret to who may look at the containers', async () => {
  const everything = (...args: string[]) => stack.compose('--profile', '*', ...args);
  const ids = (await everything('ps', '--all', '--quiet')).split('\n');
  const shown = (await docker(['inspect', ...ids])) + (await everything('logs', '--no-color'));
  const secrets = secretValues();
  expect(secrets).toHaveLength(5);
  expect(secrets).toContain(headerKey);
  for (const secret of secrets) expect(shown).not.toContain(secret);
});

/** Returns the values of all files: the part of each line after its last `=`. */
function secretValues(): string[] {
  const lines = readdirSync(secretAt('.')).flatMap((name) => readFileSync(secretAt(name), 'utf8').split('\n'));
  const written = lines.filter((line) => !/^($|#|\[)/.test(line));
  return written.map((line) => line.split('=').at(-1)!.trim());
}
