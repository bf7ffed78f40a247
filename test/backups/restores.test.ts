import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { docker } from '../../testbed';
import { databaseReady, planted } from '../../testbed/databases';
import { waitFor } from '../../testbed/wait';
import { belay } from '../e2e/command';
import { compose } from '../e2e/composed';
import { restorePoints } from '../e2e/crash-cases';
import { arm } from '../e2e/crash-point';
import { workersDie } from '../e2e/crashes';
import { earlyChecks, quickly, releaseTo, type Stage, setStage } from '../e2e/stage';

const name = 'e2erestore';
let stage: Stage;
const container = (service: string): string => `${name}-${service}-1`;
const sql = (text: string): Promise<string> =>
  docker(['exec', container('db'), 'psql', '-U', 'shop', '-d', 'shop', '-Atc', text]);
const redis = (...words: string[]): Promise<string> =>
  docker(['exec', container('cache'), 'redis-cli', '-a', planted, '--no-auth-warning', ...words]);

beforeAll(async () => {
  stage = await setStage({
    versions: [{ tag: '1' }],
    haproxy: { backends: [{ name: 'api', slots: 4 }], options: earlyChecks },
    platform: { name, instances: 1, firstPort: 24200 },
    mortal: true,
  });
  writeFiles();
  await compose(stage, 'up', '-d', 'db', 'cache');
  await Promise.all([databaseReady('postgres', container('db')), databaseReady('redis', container('cache'))]);
  await sql('CREATE TABLE orders (id serial, what text)');
  await compose(stage, 'up', '-d', 'writer');
  await releaseTo(stage, { services: ['api'] });
}, 240_000);

afterAll(() => stage?.stop(), 60_000);

/** Belay has released the api alone; Compose has started the rest. Each but the databases depends on these. */
function writeFiles(): void {
  const postgres = 'shannon/postgres:15';
  const insert = 'while :; do psql -qc "INSERT INTO orders (what) VALUES (\'tick\')"; sleep 0.05; done';
  const services = {
    db: {
      image: postgres,
      environment: { POSTGRES_USER: 'shop', POSTGRES_DB: 'shop', POSTGRES_PASSWORD: planted },
      command: ['postgres', '-c', 'fsync=off'],
    },
    cache: {
      image: 'shannon/redis:7',
      environment: { REDIS_PASSWORD: planted },
      command: ['redis-server', '--requirepass', planted, '--appendonly', 'yes', '--repl-diskless-sync-delay', '0'],
      volumes: ['/data'],
    },
    writer: {
      image: postgres,
      environment: { PGHOST: 'db', PGUSER: 'shop', PGDATABASE: 'shop', PGPASSWORD: planted },
      entrypoint: ['sh', '-c', insert],
      depends_on: ['db'],
      restart: 'always',
      stop_grace_period: '200ms',
    },
    api: { image: stage.bed.images['1']!.ref, depends_on: ['db', 'cache'], stop_grace_period: '2s' },
  };
  writeFileSync(join(stage.platform.folder, 'compose.yaml'), stringify({ name, services }));
  stage.platform.write({
    service: { image: undefined, ...quickly, stop: undefined },
    spec: { compose: 'compose.yaml', backups: { folder: join(stage.platform.folder, 'backups') } },
  });
  const path = join(stage.platform.folder, 'belay.yaml');
  const more = `  db: { backup: [{ postgres: {} }] }\n  cache: { backup: [{ redis: {} }] }\n  writer: {}\n`;
  writeFileSync(path, readFileSync(path, 'utf8').replace('services:\n', `services:\n${more}`));
}

async function backUp(service: string): Promise<void> {
  const handle = await stage.platform.belay.backup({ platform: name, services: [service] });
  expect(await handle.result()).toMatchObject({ outcome: 'backed-up' });
}

const restoreOf = (...args: string[]) => belay(stage, 'restore', ...args);
const marked = (what: string): Promise<string> => sql(`SELECT count(*) FROM orders WHERE what = '${what}'`);
const orders = async (): Promise<number> => Number(await sql('SELECT count(*) FROM orders'));
const beside = (): Promise<string> => sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'shop\\_%'");
const startOf = (service: string): Promise<string> =>
  docker(['inspect', '--format', '{{.State.StartedAt}} {{.HostConfig.RestartPolicy.Name}}', container(service)]);

async function untilWritten(): Promise<void> {
  const before = await orders();
  await waitFor({ what: 'the writer to write again', until: async () => (await orders()) > before });
}

test('a database goes back to its backup, and forth again with every row that was written until it stopped', async () => {
  await untilWritten();
  await backUp('db');
  await sql("INSERT INTO orders (what) VALUES ('after')");
  await untilWritten();
  const [before, writer, db] = [await orders(), await startOf('writer'), await startOf('db')];

  const plan = await restoreOf('db', '--dry-run');
  expect(plan.out).toContain('becomes as it was at');
  expect(plan.out).toContain('meanwhile api, writer do not serve');
  const unasked = await restoreOf('db');
  expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining(`give --confirm ${name}`) });
  const other = await restoreOf('db', '--confirm', 'other');
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining('was confirmed for other') });
  expect([await marked('after'), await startOf('writer')]).toEqual(['1', writer]);

  const done = await restoreOf('db', '--confirm', name);
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('services were stopped for') });
  expect([await marked('after'), await beside()]).toEqual(['0', '1']);
  await untilWritten();
  expect(await startOf('writer')).toMatch(/ always$/);
  expect(await startOf('writer')).not.toBe(writer);
  expect(await startOf('db')).toBe(db);
  await sql("INSERT INTO orders (what) VALUES ('since')");

  expect(await restoreOf('db', '--undo', '--confirm', name)).toMatchObject({ code: 0 });
  expect([await marked('after'), await marked('since')]).toEqual(['1', '0']);
  expect(await orders()).toBeGreaterThanOrEqual(before);
  await untilWritten();
  const twice = await restoreOf('db', '--undo', '--confirm', name);
  expect(twice).toMatchObject({ code: 2, err: expect.stringContaining('is undone already') });
  expect(await restoreOf('db', '--forget', '--confirm', name)).toMatchObject({ code: 0 });
  expect(await beside()).toBe('0');
});

test('a backup that has changed since is refused before anything stops', async () => {
  await backUp('db');
  const folder = join(stage.platform.folder, 'backups', name, 'db', 'postgres-default');
  const file = join(
    folder,
    readdirSync(folder)
      .filter((one) => one.endsWith('.dump'))
      .sort()
      .at(-1)!,
  );
  const bytes = readFileSync(file);
  const changed = Buffer.from(bytes);
  changed[bytes.length - 9]! ^= 1;
  writeFileSync(file, changed);
  const writer = await startOf('writer');
  const { code, out } = await restoreOf('db', '--confirm', name);
  expect({ code, out }).toMatchObject({ code: 3, out: expect.stringContaining('its SHA-256 differs') });
  expect([await startOf('writer'), await beside()]).toEqual([writer, '0']);
  writeFileSync(file, bytes);
});

test('workers die in the middle of a restore, and the next one goes on; the undo is a restore of what was kept', async () => {
  await redis('SET', 'basket', 'full');
  await backUp('cache');
  await redis('SET', 'basket', 'empty');
  const points = restorePoints.filter(({ way, id }) => way === 'forward' && /keep|commit|halt|resume/.test(id));
  arm(stage.crashes, ...points);
  const release = await stage.platform.belay.restore({ platform: name, service: 'cache', confirm: name });
  await workersDie(stage, { points, release });
  expect(await release.result()).toMatchObject({ outcome: 'restored', gap: expect.any(Number) });
  expect(await redis('GET', 'basket')).toBe('full');
  expect(await restoreOf('cache', '--undo', '--confirm', name)).toMatchObject({ code: 0 });
  expect(await redis('GET', 'basket')).toBe('empty');
}, 120_000);
