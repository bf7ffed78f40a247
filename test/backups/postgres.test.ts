import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { commitRestore, forgetRestore, prepareRestore, readBackup, undoRestore, verifyBackup } from '../../src/backups';
import { drain } from '../../src/backups/streams';
import { planted } from '../../testbed/databases';
import { docker } from '../../testbed/docker';
import { inside, never, onlyBackups, openSite, type Site, textsIn } from './site';

let site: Site;
let identity: string;
let recipient: string;

const sql = (text: string, database = 'shop') =>
  inside(site, 'psql', '-U', 'shop', '-d', database, '-At', '-v', 'ON_ERROR_STOP=1', '-c', text);

beforeAll(async () => {
  site = await openSite('postgres', { postgres: {} });
  identity = join(site.folder, 'identity');
  execFileSync('age-keygen', ['-o', identity], { stdio: 'pipe' });
  recipient = execFileSync('age-keygen', ['-y', identity]).toString().trim();
  await sql(`CREATE ROLE reader; CREATE TABLE orders (id int PRIMARY KEY, note text);
    INSERT INTO orders SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n; GRANT SELECT ON orders TO reader;
    ALTER DATABASE shop SET search_path = public, pg_catalog; ALTER DATABASE shop SET work_mem = '5MB';
    REVOKE CONNECT ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO reader`);
});

afterAll(() => site?.close());

afterEach(async () => {
  // A program that leaves a killed child behind makes PostgreSQL, as the first process, restart.
  expect(await site.containers.logTail(site.container, 1000)).not.toMatch(
    /was terminated by signal|crash of another server process/,
  );
});

describe('a backup of PostgreSQL', () => {
  test('is one file and its manifest, which says what it is', async () => {
    const seen: number[] = [];
    const manifest = await site.make({ onBytes: (bytes) => void seen.push(bytes) });
    expect(manifest).toMatchObject({
      format: 1,
      kind: 'postgres',
      tools: { pg_dump: expect.stringMatching(/^pg_dump \(PostgreSQL\) 15/), server: expect.stringMatching(/^15/) },
      compression: 'own',
      recipients: [],
      bytes: { dumped: seen.at(-1), stored: seen.at(-1) },
    });
    expect(await onlyBackups(site)).toEqual([manifest]);
    const file = join(site.folder, 'backups', 'shop', 'db', 'postgres-all', manifest.file);
    expect(execFileSync('sha256sum', [file]).toString().split(' ')[0]).toBe(manifest.sha256);
    expect(execFileSync('stat', ['-c', '%a', file]).toString().trim()).toBe('600');
  });

  test('is encrypted, and is restored by hand with age and pg_restore alone', async () => {
    const manifest = await site.make({ recipients: [recipient] });
    expect(manifest).toMatchObject({ recipients: [recipient], file: expect.stringMatching(/\.dump\.age$/) });
    const file = join(site.folder, 'backups', 'shop', 'db', 'postgres-all', manifest.file);
    await inside(site, 'createdb', '-U', 'shop', 'by_hand');
    const hand = `age --decrypt --identity ${identity} ${file} | docker exec -i ${site.container} pg_restore -U shop -d by_hand`;
    execFileSync('bash', ['-euo', 'pipefail', '-c', hand], { stdio: 'pipe' });
    expect(await sql('SELECT count(*) FROM orders', 'by_hand')).toBe('20000');
    await inside(site, 'dropdb', '-U', 'shop', 'by_hand');
  });

  test('is verified in a scratch instance, which is gone afterwards', async () => {
    const manifest = await site.make({ recipients: [recipient] });
    const request = { ...site, manifest, identity, signal: never };
    const noted = await verifyBackup({ ...request, query: 'SELECT count(*), 1 FROM orders' });
    expect(noted.verified).toMatchObject({ rows: 1, first: '20000' });
    expect((await onlyBackups(site)).at(-1)).toEqual(noted);
    await expect(verifyBackup({ ...request, query: 'DROP TABLE orders' })).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('read-only transaction'),
    });
    expect(await site.containers.labelled({ 'belay.scratch': 'shop/db' })).toEqual([]);
    expect(await docker(['ps', '--all', '--quiet', '--filter', 'name=belay-verify'])).toBe('');
  });

  test('is restored into the live database, which can be undone', async () => {
    const manifest = await site.make();
    await sql('DELETE FROM orders');
    const keep = { store: site.store, key: site.key, id: 'kept', recipients: [] };
    const request = { ...site, signal: never };
    const restoration = await prepareRestore({ ...request, id: '20261129T221643', manifest, keep });
    expect(await sql('SELECT count(*) FROM orders')).toBe('0');
    const change = { ...request, restoration };
    for (const again of [1, 2]) {
      await commitRestore(change);
      expect([again, await sql('SELECT count(*) FROM orders')]).toEqual([again, '20000']);
    }
    expect(await sql('SHOW work_mem')).toBe('5MB');
    expect(await sql('SHOW search_path')).toBe('public, pg_catalog');
    expect(await sql("SELECT has_table_privilege('reader', 'orders', 'SELECT')")).toBe('t');
    expect(await sql("SELECT datacl::text FROM pg_database WHERE datname = 'shop'")).toMatch(/reader=c/);
    expect(await sql("SELECT datacl::text LIKE '%{=%' FROM pg_database WHERE datname = 'shop'")).toBe('f');
    for (const again of [1, 2]) {
      await undoRestore(change);
      expect([again, await sql('SELECT count(*) FROM orders')]).toEqual([again, '0']);
    }
    await commitRestore(change);
    await forgetRestore(change);
    expect(await sql('SELECT count(*) FROM orders')).toBe('20000');
    expect((await sql('SELECT datname FROM pg_database ORDER BY 1')).split('\n')).toEqual([
      'postgres',
      'shop',
      'template0',
      'template1',
    ]);
  });

  test('leaves its password nowhere', async () => {
    const manifest = await site.make();
    await drain(readBackup({ ...site, manifest, signal: never }));
    expect(textsIn(site.folder)).not.toContain(planted);
  });
});
