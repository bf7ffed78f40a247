import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  commitRestore,
  folderStore,
  forgetRestore,
  kindIn,
  listBackups,
  makeBackup,
  prepareRestore,
  readBackup,
  sweepLoose,
  sweepScratches,
  undoRestore,
  verifyBackup,
} from '../../src/backups';
import { poll } from '../../src/poll';
import { docker } from '../../testbed/docker';
import { fromSetup } from '../../testbed/root';
import { type SourceHarness, sourceContract } from '../contracts/source-contract';
import { inside, never, openSite, type Site } from './site';

let site: Site;

const sql = (text: string, database = 'shop') =>
  inside(site, 'psql', '-U', 'shop', '-d', database, '-At', '-v', 'ON_ERROR_STOP=1', '-c', text);

const sessions = (program: string) =>
  sql(`SELECT count(*) FROM pg_stat_activity WHERE application_name = '${program}'`);

/** Kills a process in the middle of a backup or a restore, and waits until the program that it runs has ended. */
async function killedPump(program: string, ...manifest: string[]): Promise<void> {
  const pump = fromSetup('dist', 'test', 'backups', 'pump.js');
  const args = [
    pump,
    site.container,
    join(site.folder, 'backups'),
    '{"postgres":{}}',
    JSON.stringify(site.key),
    ...manifest,
  ];
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await poll({ until: async () => (await sessions(program)) === '1', every: 10, within: 30_000 })).toBe(true);
  running.kill('SIGKILL');
  await once(running, 'exit');
  expect(await poll({ until: async () => (await sessions(program)) === '0', every: 50, within: 20_000 })).toBe(true);
}

const manifests = async () => (await listBackups(site.store, site.key, never)).backups;

async function open(): Promise<SourceHarness> {
  site = await openSite(() => ({ postgres: {} }), 'postgres');
  await sql(`CREATE ROLE reader; CREATE TABLE orders (id int PRIMARY KEY, note text);
    INSERT INTO orders SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n; GRANT SELECT ON orders TO reader;
    CREATE TABLE large AS SELECT n, md5(n::text) || md5((n + 1)::text) FROM generate_series(1, 300000) n;
    ALTER DATABASE shop SET search_path = public, pg_catalog; ALTER DATABASE shop SET work_mem = '5MB';
    REVOKE CONNECT ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO reader`);
  return {
    site,
    state: () =>
      sql(`SELECT count(*), has_table_privilege('reader', 'orders', 'SELECT'),
      current_setting('work_mem'), current_setting('search_path'),
      (SELECT string_agg(one::text, ' ' ORDER BY one::text) FROM pg_database, unnest(datacl) one
        WHERE datname = 'shop') FROM orders`),
    beside: () => sql("SELECT datname FROM pg_database WHERE datname LIKE 'shop\\_%'"),
    lose: async () => void (await sql('DELETE FROM orders')),
    question: { query: 'SELECT count(*), 1 FROM orders', first: '20000' },
  };
}

sourceContract('postgres', open, () => {
  afterEach(async () => {
    // A program that leaves a killed child behind makes PostgreSQL, as the first process, restart.
    const log = await site.containers.logTail(site.container, 1000);
    expect(log).not.toMatch(/was terminated by signal|crash of another server process/);
  });

  test('is restored by hand with pg_restore alone', async () => {
    const { file } = await site.make();
    const path = join(site.row, file);
    await inside(site, 'createdb', '-U', 'shop', 'by_hand');
    const hand = `docker exec -i ${site.container} pg_restore -U shop -d by_hand <${path}`;
    execFileSync('bash', ['-euo', 'pipefail', '-c', hand], { stdio: 'pipe' });
    expect(await sql('SELECT count(*) FROM orders', 'by_hand')).toBe('20000');
    await inside(site, 'dropdb', '-U', 'shop', 'by_hand');
  });

  test('refuses a question that would change the data', async () => {
    const manifest = await site.make();
    const asked = { ...site, manifest, signal: never, query: 'DROP TABLE orders' };
    await expect(verifyBackup(asked)).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringMatching(/^the query failed in belay-verify-shop-\d+-db-.*read-only transaction/),
    });
    expect((await manifests()).at(-1)).toEqual(manifest);
  });

  test('names a database that there is not', async () => {
    const before = site.files();
    const source = kindIn({ postgres: {} }).kind.open({ database: 'none' }, site);
    await expect(site.make({ source })).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringMatching(/database "none" does not exist$/),
    });
    expect(site.files()).toEqual(before);
  });

  test.each([
    ['postgres', 'SELECT 1'],
    ['sorted', "CREATE DATABASE sorted TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de' CONNECTION LIMIT 7"],
  ])('is restored into %s with its locale and its limit, and back', async (database, create) => {
    await sql(create);
    const facts = () =>
      sql(`SELECT datlocprovider, daticulocale, datcollate, datconnlimit, datallowconn
        FROM pg_database WHERE datname = '${database}'`);
    const before = await facts();
    const source = kindIn({ postgres: {} }).kind.open({ database }, site);
    const manifest = await site.make({ source });
    await sql('CREATE TABLE since ()', database);
    const tables = () => sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database);
    const request = { ...site, source, signal: never };
    const restoration = await prepareRestore({ ...request, id: 'other', manifest });
    for (const [verb, count] of [
      [commitRestore, '0'],
      [undoRestore, '1'],
      [commitRestore, '0'],
      [forgetRestore, '0'],
    ] as const) {
      await verb({ ...request, restoration });
      expect([verb.name, await tables(), await facts()]).toEqual([verb.name, count, before]);
    }
  });

  test('that dies with its process leaves no dump running, and nothing that looks good', async () => {
    const before = await manifests();
    await killedPump('pg_dump');
    const swept = await sweepLoose(site.store, site.key, { busy: [], signal: never });
    expect(swept).toEqual(['cut-off.dump.part']);
    expect((await listBackups(site.store, site.key, never)).loose).toEqual([]);
    expect(await manifests()).toEqual(before);
    await makeBackup({ ...site, id: 'cut-off', recipients: [], signal: never });
    expect(await manifests()).toHaveLength(before.length + 1);
  });

  test('whose restore dies with its process is restored by the next one', async () => {
    const manifest = await site.make();
    await killedPump('pg_restore', JSON.stringify(manifest));
    expect(await sql('SELECT count(*) FROM orders')).toBe('20000');
    await sql('DELETE FROM orders');
    const request = { ...site, signal: never };
    const restoration = await prepareRestore({ ...request, id: 'cut', manifest });
    await commitRestore({ ...request, restoration });
    await forgetRestore({ ...request, restoration });
    expect(await sql('SELECT count(*) FROM orders')).toBe('20000');
    expect(await sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'shop\\_%'")).toBe('0');
  });

  test('that finds no room ends its dump, and leaves nothing', async () => {
    const small = join(site.folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', small]);
    try {
      await expect(site.make({ store: folderStore({ folder: small }) })).rejects.toMatchObject({ code: 'disk-full' });
      expect(readdirSync(small, { recursive: true, encoding: 'utf8' }).filter((one) => one.includes('dump'))).toEqual(
        [],
      );
      expect(await sessions('pg_dump')).toBe('0');
    } finally {
      execFileSync('umount', [small]);
    }
  });

  test('finds the scratch instances of a worker that died', async () => {
    const name = `${site.container}-scratch`;
    const owner = `${site.key.platform}/db`;
    await docker(['create', '--name', name, '--label', `belay.scratch=${owner}`, 'shannon/redis:7']);
    expect(await sweepScratches(site.containers, 'shop/other')).toEqual([]);
    expect(await sweepScratches(site.containers, owner)).toEqual([name]);
    expect(await site.containers.find(name)).toBeUndefined();
  });

  test('says that the database does not run', async () => {
    const manifest = await site.make();
    await docker(['stop', site.container]);
    const lost = { code: 'instance-lost', message: `${site.container} does not run` };
    await expect(site.make()).rejects.toMatchObject(lost);
    const data = readBackup({ ...site, manifest, signal: never });
    await expect(site.source.restore(data, { signal: never, bytes: 1 })).rejects.toMatchObject(lost);
  });
});
