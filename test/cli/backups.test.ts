import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore, type Manifest } from '../../src/backups';
import { putManifest } from '../../src/backups/pipeline';
import type { KeptBackups } from '../../src/cli/backups/read';
import { drillReport } from '../../src/cli/render/drill-report';
import { verdictOf, writeDrill } from '../../src/drill';
import { goodDrill } from '../drill/evidence';
import { belay } from './support';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-list-'));
  const service = 'db: { image: "postgres:15", backup: [{ postgres: { database: shop } }] }';
  writeFileSync(
    join(folder, 'belay.yaml'),
    `platform: shop\nbackups: { folder: ${join(folder, 'store')} }\nservices:\n  ${service}\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const manifest = (id: string, more: Partial<Manifest> = {}): Manifest => ({
  format: 1,
  id,
  platform: 'shop',
  service: 'db',
  kind: 'postgres',
  name: 'shop',
  started: '2026-11-29T22:16:43.000Z',
  ended: '2026-11-29T22:16:46.500Z',
  tools: { pg_dump: 'pg_dump (PostgreSQL) 15.15', server: '15.15' },
  file: `${id}.dump`,
  bytes: { dumped: 5, stored: 5 },
  sha256: '',
  compression: 'own',
  recipients: [],
  ...more,
});

describe('belay backup --list', () => {
  const list = (...more: string[]) => belay(['backup', '--list', ...more], { cwd: folder });

  test('says that there is none yet', async () => {
    expect((await list()).out).toBe(`db (postgres shop), in ${folder}/store: shop/db/postgres-shop\nno backup yet`);
  });

  test('shows each with its size and its verification, the newest first, and no value of the data', async () => {
    const row = join(folder, 'store', 'shop', 'db', 'postgres-shop');
    mkdirSync(row, { recursive: true });
    const verified = { at: '2026-11-29T22:17:00.000Z', seconds: 4.2, rows: 12, first: 'hunter2' };
    for (const one of [manifest('1', { verified }), manifest('2', { recipients: ['age1x'] })]) {
      await putManifest(folderStore({ folder: join(folder, 'store') }), one, new AbortController().signal);
      writeFileSync(join(row, one.file), 'bytes');
    }
    writeFileSync(join(row, '3.dump.part'), 'half');
    const { out } = await list('db');
    const lines = out.split('\n');
    // The list reads no data: it tells when a backup was verified, and not that it is whole now.
    expect(lines[1]).toMatch(/ verified at +rows$/);
    expect(lines[2]).toMatch(/^2 .* 5 B .*3\.5 s +no +encrypted$/);
    expect(lines[3]).toMatch(/^1 .* 5 B .*3\.5 s .*, in 4\.2 s +12$/);
    expect(out).toContain('cut off, or being made: 3.dump.part');
    const json = (await list('--json')).out;
    expect(JSON.parse(json)).toMatchObject({
      type: 'backups',
      things: [{ backups: [{ id: '1' }, { encrypted: true }] }],
    });
    expect(`${out}${json}`).not.toContain('hunter2');
  });

  test('finds what another service has by both names', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'compose.yaml'), 'services: { api: { image: api }, db: { image: postgres } }\n');
    const api = 'api: { backup: [{ service: db, postgres: { database: shop } }] }';
    const text = `platform: shop\nbackups: { folder: ${join(folder, 'none')} }\nservices:\n  ${api}\n`;
    writeFileSync(join(other, 'belay.yaml'), text);
    for (const service of ['api', 'db']) {
      const { out, code } = await belay(['backup', '--list', service], { cwd: other });
      expect({ out, code }).toMatchObject({ code: 0, out: expect.stringMatching(/^db \(postgres shop\), in /) });
    }
  });

  test('names a service that is none', async () => {
    expect(await list('dbb')).toMatchObject({ code: 2, err: expect.stringContaining('there is no service dbb') });
  });
});

test('belay drill asks for the drill that is meant', async () => {
  expect(await belay(['drill'], { cwd: folder })).toMatchObject({
    code: 2,
    err: expect.stringContaining('names no service'),
  });
});

test('belay drill --list shows the last drill of each service, and names none where there was none', async () => {
  const env = { BELAY_HOME: join(folder, 'home') };
  const list = (...args: string[]) => belay(['drill', '--list', ...args], { cwd: folder, env });
  expect(await list()).toMatchObject({ code: 0, out: expect.stringContaining('no shutdown was drilled yet') });
  const record = { at: '2026-11-30T09:00:00Z', by: 'ana', release: 'drill/shop/1', artifact: 'shop/api:1' };
  const verdict = verdictOf(goodDrill({ log: 'clean-up\nclean-up' }));
  await writeDrill(env.BELAY_HOME, { platform: 'shop', service: 'api' }, { service: 'api', ...record, ...verdict });
  expect((await list()).out).toMatch(/^api +pass +0\.3 s +0 +low \(5\)/m);
  expect(JSON.parse((await list('--json')).out)).toMatchObject({
    type: 'drills',
    drills: [{ service: 'api', findings: [{ id: 'repeated-cleanup' }] }],
  });
  expect(JSON.parse((await list('--json', 'web')).out)).toMatchObject({ drills: [] });
});

test('the report of a drill is a table of things, with RTO and RPO, and names what failed', () => {
  const { release, recipients: _, verified: __, ...one } = manifest('1');
  const backup = { ...one, release, encrypted: true, verified: { at: '', seconds: 4.2, rows: 12 } };
  const figures = { newest: 60, newestVerified: 7_260, longestGap: 86_400, restore: 4.2 };
  const common = { service: 'db', place: '/srv', row: 'shop/db', damaged: [], loose: [] };
  const kept: KeptBackups = {
    platform: 'shop',
    things: [
      { ...common, thing: 'db (postgres shop)', backups: [backup], figures },
      { ...common, thing: 'db (volume /data)', backups: [], figures: {} },
    ],
  };
  const drill = {
    workflowId: 'drill/shop/1',
    outcome: 'failed',
    by: 'ana',
    at: '2026-11-30T04:00:00Z',
    failures: ['a\nb'],
  };
  expect(drillReport(kept, drill).split('\n')).toEqual([
    '# Restore drill of shop',
    '',
    '2026-11-30T04:00:00Z, by ana: **failed** (`drill/shop/1`)',
    '',
    '## Failed',
    '',
    '- a; b',
    '',
    '| thing | backup | size | rows | restored in (RTO) | age of the data (RPO) | longest gap | versions |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
    '| db (postgres shop) | 1, encrypted | 5 B | 12 | 4.2 s | 2 h 1 min | 24 h | pg_dump (PostgreSQL) 15.15, 15.15 |',
    '| db (volume /data) | none was verified |  |  |  |  | – |  |',
    '',
    'RTO: from an empty instance to the answer of the restored data. RPO: the age of the newest verified backup.',
    '',
  ]);
});
