import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  commitRestore,
  keepPresent,
  kindIn,
  type Manifest,
  prepareRestore,
  undoRestore,
  verifyBackup,
} from '../../src/backups';
import { poll } from '../../src/poll';
import { databaseReady, startDatabase } from '../../testbed/databases';
import { docker } from '../../testbed/docker';
import { type SourceHarness, sourceContract } from '../contracts/source-contract';
import { inside, never, onlyBackups, openSite, type Site } from './site';

let site: Site;

const archive = mkdtempSync(join(tmpdir(), 'belay-wal-'));
chownSync(archive, 999, 999);
afterAll(() => rmSync(archive, { recursive: true }));

// PostgreSQL's own module, as the image has no program to copy with.
const settings = Object.entries({
  archive_mode: 'on',
  archive_library: 'basic_archive',
  'basic_archive.archive_directory': '/archive',
}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
const options = ['--volume', `${archive}:/archive`];

const sql = (text: string) =>
  inside(site, 'psql', '-U', 'shop', '-d', 'shop', '-At', '-v', 'ON_ERROR_STOP=1', '-c', text);

const isRecovered = () => poll({ until: async () => (await sql('SELECT pg_is_in_recovery()')) === 'f', every: 50 });

async function start(): Promise<void> {
  await docker(['start', site.container]);
  await databaseReady('postgres', site.container);
  await isRecovered();
}
// At once: a server that ends in order archives 16 MB more.
const stop = async () => void (await docker(['kill', site.container]));

/** Returns the server's time, once all before it is in the archive. */
async function archived(): Promise<string> {
  const at = await sql('SELECT to_char(clock_timestamp() AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\')');
  await sql('SELECT pg_sleep(0.01); INSERT INTO orders VALUES (-1)');
  const file = await sql('SELECT pg_walfile_name(pg_switch_wal())');
  expect(await poll({ until: () => readdirSync(archive).includes(file), every: 20, within: 30_000 })).toBe(true);
  return at;
}

async function open(): Promise<SourceHarness> {
  site = await openSite(
    () => ({ postgres_base: { wal: '/archive' } }),
    (name) => startDatabase('postgres', name, { options, settings }),
  );
  await sql('CREATE TABLE orders (id int); INSERT INTO orders SELECT generate_series(1, 5000); CREATE ROLE reader');
  return {
    site,
    state: () => sql("SELECT count(*), (SELECT count(*) FROM pg_roles WHERE rolname = 'reader') FROM orders"),
    lose: async () => void (await sql('DROP ROLE reader; DELETE FROM orders')),
    stop,
    start,
    question: { query: 'SELECT count(*) FROM orders', first: '5000' },
  };
}

sourceContract('postgres_base', open, () => {
  let base: Manifest;
  let between: string;

  test('is restored to a time after the backup, and that is undone', async () => {
    for (const file of readdirSync(archive)) rmSync(join(archive, file));
    base = await site.make();
    await sql('INSERT INTO orders VALUES (5001)');
    between = await archived();
    await sql('DELETE FROM orders');
    await archived();
    const request = { ...site, signal: never };
    const prepared = await prepareRestore({ ...request, id: 'r3', manifest: base, until: between });
    const kept = { ...request, restoration: prepared, id: '29990101T000000003Z', recipients: [] };
    const restoration = await keepPresent(kept);
    for (const [verb, count] of [
      [commitRestore, '5001'],
      [undoRestore, '1'],
    ] as const) {
      await stop();
      await verb({ ...request, restoration });
      await start();
      expect([verb.name, await sql('SELECT count(*) FROM orders')]).toEqual([verb.name, count]);
    }
    // The archive goes on, on a timeline of its own.
    await archived();
  });

  test('is verified at a time by what later backups keep of the log, and at the end of it', async () => {
    const asked = { ...site, manifest: base, signal: never, query: 'SELECT count(*) FROM orders' };
    for (const [until, first] of [
      ['latest', '1'],
      [between, '5001'],
    ] as const) {
      const { verified } = await verifyBackup({ ...asked, until });
      expect(verified).toMatchObject({ first, until });
      expect((await onlyBackups(site)).find(({ id }) => id === base.id)?.verified).toEqual(verified);
    }
  });

  test('whose log is not kept is not verified', async () => {
    const asked = { ...site, manifest: base, signal: never, until: '2999-01-01T00:00:00Z' };
    await expect(verifyBackup(asked)).rejects.toMatchObject({
      code: 'backup-failed',
      message: expect.stringMatching(/recovery ended before configured recovery target was reached/),
    });
  });

  test('names a wrong password, and never shows it', async () => {
    const place = { ...site, host: '127.0.0.1', password: 'mistaken-s3cret' };
    const error = await kindIn({ postgres_base: {} })
      .kind.open({}, place)
      .facts(never)
      .catch((caught) => caught);
    expect(error).toMatchObject({
      code: 'backup-failed',
      message: expect.stringMatching(/password authentication failed/),
    });
    expect(JSON.stringify(error) + error.message).not.toContain('mistaken-s3cret');
  });

  test.each(['/nowhere', '/tmp'])('names an archive that is on no volume: %s', async (wal) => {
    const source = kindIn({ postgres_base: {} }).kind.open({ wal }, site);
    await expect(source.facts(never)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(/has no volume at \/\w+ for its write-ahead log$/),
    });
  });
});
