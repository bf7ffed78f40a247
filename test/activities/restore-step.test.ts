import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { backup as backUp } from '../../activities/steps/backup';
import { restore } from '../../activities/steps/restore';
import {
  backupId,
  folderStore,
  listBackups,
  type Manifest,
  makeBackup,
  restoreRecord,
  rowOf,
  sourceOf,
} from '../../src/backups';
import { folderOf, putManifest } from '../../src/backups/pipeline';
import { writeRestoreRecord } from '../../src/backups/records';
import type { StepResult } from '../../src/host';
import type { FoundBackup } from '../../src/model/desired';
import type { BackupStep, RestoreAct, Step } from '../../src/model/plan';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { postgresOf } from '../workflows/backed-up';

const id = '20261130t015000123z';
let home: string;
let uploads: string;
let store: ReturnType<typeof folderStore>;
let backup: FoundBackup;
let manifest: Manifest;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'belay-restore-'));
  uploads = join(home, 'uploads');
  mkdirSync(uploads);
  writeFileSync(join(uploads, 'file'), 'old');
  const place = { folder: join(home, 'backups') };
  store = folderStore(place);
  backup = postgresOf({ what: { folder: { path: uploads } }, place, container: undefined });
  manifest = await make();
  writeFileSync(join(uploads, 'file'), 'present');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const key = () => rowOf({ platform: 'shop', service: 'db' }, backup.what);
const runtime = fakeRuntime();
const deps = () => fakeDeps({ home, runtime, effects: { effect: (_id, _token, change) => change() } });
const make = (): Promise<Manifest> =>
  makeBackup({
    source: sourceOf(backup.what, deps()),
    store,
    key: key(),
    id: backupId(new Date()),
    recipients: [],
    signal: new AbortController().signal,
  });

const stepOf = { service: 'db', host: 'h', epoch: 1, needs: [] };
const act = (word: RestoreAct) =>
  note(restore(deps()), {
    ...{ ...stepOf, id: `db/restore/${word}`, kind: 'restore' as const },
    ...{ act: word, restore: id, chosen: manifest.id, backup },
  });

async function note<S extends Step>(
  activity: (input: StepInput<S>) => Promise<StepResult>,
  step: S,
): Promise<string | undefined> {
  const said = { by: 'ann', reason: '', proxies: {} };
  const input = { format: 1, step, round: 1, platform: 'shop', ...said, engine: await runtime.identity() };
  const info = { scheduledTimestampMs: Date.now() };
  return (await runActivity(activity, input as unknown as StepInput<S>, info)).note;
}

const present = () => readFileSync(join(uploads, 'file'), 'utf8');
const record = () => restoreRecord({ home, key: key() }, id);

test('a restore can be undone from the moment at which it begins to change the data', async () => {
  await act('prepare');
  expect(await record()).toMatchObject({ state: 'prepared' });
  rmSync(`${uploads}.new-${id}`, { recursive: true });
  await expect(act('commit')).rejects.toThrow('ENOENT');
  expect(await record()).toMatchObject({ state: 'replaced' });
  await act('undo');
  expect([present(), (await record())?.state]).toEqual(['present', 'undone']);
  await act('discard');
  expect(await record()).toBeUndefined();
});

test('an undo that somebody skips leaves all that is kept', async () => {
  await act('prepare');
  const kept = await make();
  await writeRestoreRecord({ home, key: key() }, { ...(await record())!, kept });
  await act('commit');
  expect(await act('discard')).toBe('what was replaced stays: belay restore --undo puts it back');
  expect(await record()).toMatchObject({ state: 'replaced', kept: { id: kept.id } });
  expect(existsSync(join(home, 'backups', folderOf(key()), kept.file))).toBe(true);
  expect(readFileSync(join(`${uploads}.before-${id}`, 'file'), 'utf8')).toBe('present');
});

test('a later backup removes neither what a restore has read nor what it has kept', async () => {
  await act('prepare');
  const kept = { ...(await make()), replacedBy: id };
  await putManifest(store, kept, new AbortController().signal);
  await writeRestoreRecord({ home, key: key() }, { ...(await record())!, kept });
  const between = await make();
  backup = { ...backup, keep: 1, keepFor: 1 };
  const said = await note(backUp(deps()), { ...stepOf, id: 'db/backup', kind: 'backup', backup } as BackupStep);
  expect(said).toContain('1 older one removed');
  const { backups } = await listBackups(store, key(), new AbortController().signal);
  const ids = backups.map((one) => one.id);
  expect(ids).toEqual(expect.arrayContaining([manifest.id, kept.id]));
  expect(ids).not.toContain(between.id);
});
