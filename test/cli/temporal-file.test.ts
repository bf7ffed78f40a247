import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fitTemporalFile, serverVersion } from '../../src/cli/serve/temporal-file';
import { hostPaths } from '../../src/hosts/home';
import { createLedger } from '../../src/hosts/ledger';
import type { DesiredService } from '../../src/model/desired';

const home = mkdtempSync(join(tmpdir(), 'belay-file-'));
const database = join(home, 'serve', 'temporal.db');
const program = join(home, 'temporal');
const begin = () => fitTemporalFile({ database, program, home });

/** The program of this version of the server. */
const installs = (server: string) =>
  writeFileSync(program, `#!/bin/sh\necho "temporal version 1 (Server ${server}, UI 2.54.1)"\n`, { mode: 0o755 });
const files = () => readdirSync(dirname(database)).sort();
const fence = hostPaths(home).fence({ platform: 'shop', service: 'api' });
const hold = (owner?: object) => {
  mkdirSync(dirname(fence), { recursive: true });
  writeFileSync(fence, JSON.stringify({ format: 1, epoch: 3, attempts: {}, ...(owner && { owner }) }));
};

beforeEach(() => {
  mkdirSync(dirname(database), { recursive: true });
  installs('1.31.0');
});
afterEach(() => rmSync(dirname(database), { recursive: true }));
afterAll(() => rmSync(home, { recursive: true }));

test('the version stands beside the file from the first start on, and the same one goes on with it', async () => {
  expect(await begin()).toBeUndefined();
  writeFileSync(database, 'history');
  expect(await begin()).toBeUndefined();
  expect(readFileSync(`${database}.version`, 'utf8')).toBe('1.31.0\n');
  expect(readFileSync(database, 'utf8')).toBe('history');
});

test('another version begins a new file, and keeps the former whole', async () => {
  await begin();
  for (const part of ['', '-wal', '-shm']) writeFileSync(`${database}${part}`, `history${part}`);
  installs('1.32.0');
  hold();
  expect(await begin()).toMatch(
    /server 1\.31\.0, and .* is server 1\.32\.0: a new file is started.*temporal\.db\.1\.31\.0;/,
  );
  expect(files()).toEqual([
    'temporal.db.1.31.0',
    'temporal.db.1.31.0-shm',
    'temporal.db.1.31.0-wal',
    'temporal.db.version',
  ]);
  expect(readFileSync(`${database}.1.31.0-wal`, 'utf8')).toBe('history-wal');
  expect(await begin()).toBeUndefined();
});

test('another version is refused while a release is open, and changes nothing', async () => {
  await begin();
  writeFileSync(database, 'history');
  installs('1.32.0');
  hold({ workflowId: 'release/shop/1', runId: 'r', namespace: 'default', cluster: 'c' });
  await expect(begin()).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringMatching(
      /server 1\.31\.0 has written .* is server 1\.32\.0; still open in that file: release\/shop\/1$/,
    ),
    hint: expect.stringContaining('BELAY_TEMPORAL'),
  });
  expect(files()).toEqual(['temporal.db', 'temporal.db.version']);
  hold();
});

test('another version is refused while a former set is warm, whose end is a timer in the file', async () => {
  await begin();
  writeFileSync(database, 'history');
  installs('1.32.0');
  const ledger = createLedger({ home }).of({ platform: 'shop', service: 'api' });
  const strategy = { kind: 'blue-green', warm: 3_600_000 };
  const artifact = { ref: 'shop/api:2', digest: '', local: true };
  const desired = { service: 'api', fingerprint: 'f', instances: 1, artifact, strategy } as unknown as DesiredService;
  const revision = { desired, by: 'ana', reason: '', release: 'release/shop/2' };
  await ledger.writePending({ task: { kind: 'run' }, ...revision, number: 2, previous: 1 });
  await ledger.setState(2, 'recorded');
  await ledger.setHead(2);
  await expect(begin()).rejects.toThrow(/the former set of shop\/api, warm until /);
  await ledger.writePending({
    task: { kind: 'run' },
    ...revision,
    number: 3,
    previous: 2,
    desired: { ...desired, strategy: { kind: 'blue-green', warm: 0 } },
  });
  await ledger.setState(3, 'recorded');
  await ledger.setHead(3);
  expect(await begin()).toMatch(/a new file is started/);
  await ledger.remove();
});

test('a program that does not say its version is left to its own start', async () => {
  writeFileSync(program, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  expect(await begin()).toBeUndefined();
  expect(existsSync(`${database}.version`)).toBe(false);
  expect(serverVersion('temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)')).toBe('1.32.0');
});
