import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choose } from '../../activities/planning/restore-act';
import { folderStore, makeBackup, rowOf, sourceOf } from '../../src/backups';
import { parseRestoreInput } from '../../src/model/parse-request';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { postgresOf } from '../workflows/backed-up';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-restore-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The choice for a thing that has an open backup. Its data is what it may be. */
async function chosenFor(more: Parameters<typeof postgresOf>[0]) {
  const deps = fakeDeps({ home, runtime: fakeRuntime() });
  const backup = postgresOf({ place: { folder: join(home, 'backups') }, ...more });
  const path = join(home, 'data');
  mkdirSync(path);
  writeFileSync(join(path, 'file'), 'old');
  await makeBackup({
    source: sourceOf({ folder: { path } }, deps),
    store: folderStore(backup.place as { folder: string }),
    key: rowOf({ platform: 'shop', service: 'db' }, backup.what),
    id: '20261129T221643123Z',
    recipients: [],
    signal: new AbortController().signal,
  });
  const input = parseRestoreInput({ platform: 'shop' });
  return runActivity(() => choose(deps, { input, platform: 'shop', backup }), undefined);
}

const encrypt = ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'];

test('a restore is refused if nobody could open what it keeps as a backup', async () => {
  await expect(chosenFor({ what: { redis: { data: '/data' } }, encrypt })).rejects.toMatchObject({
    code: 'input-invalid',
    message: 'what a restore of db (redis) replaces would be encrypted for good',
    hint: expect.stringContaining('backups: { identity:'),
  });
});

test('one that keeps the present data beside the live data needs no identity', async () => {
  await expect(chosenFor({ encrypt })).resolves.toMatchObject({ act: 'restore', chosen: '20261129T221643123Z' });
});
