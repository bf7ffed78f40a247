import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { folderStore, listBackups, type Manifest } from '../../src/backups';
import type { ReleaseHandle } from '../../src/client';
import { readFence } from '../../src/hosts/fence';
import type { Outcome, ReleaseStatus } from '../../src/model/status';
import { docker, waitFor } from '../../testbed';
import { databaseReady, planted } from '../../testbed/databases';
import { chosen } from '../e2e/chosen';
import { belay } from '../e2e/command';
import { backupPoints } from '../e2e/crash-cases';
import { arm, type CrashPoint, titleOf } from '../e2e/crash-point';
import { anotherGoesOn, workerDies, workersDie } from '../e2e/crashes';
import { headOf, ledgerOf } from '../e2e/expect-settled';
import { frequentChecks, quickly, type Stage, setStage } from '../e2e/stage';

const name = 'e2ebackups';
const db = `${name}-db-r1-1`;
const rows = 20_000;
const never: AbortSignal = new AbortController().signal;
let stage: Stage;
let store: string;
/** The version that runs. */
let version = '2';

beforeAll(async () => {
  stage = await setStage({
    versions: ['1', '2'].map((tag) => ({ tag, env: { SHUTDOWN_MS: '50' } })),
    haproxy: { backends: [{ name: 'api', slots: 4 }], options: frequentChecks },
    platform: { name, instances: 1, firstPort: 21600 },
    mortal: true,
  });
  store = join(stage.platform.folder, 'store');
  writeFileSync(join(stage.platform.folder, '.env'), `DB_PASSWORD=${planted}\n`, { mode: 0o600 });
}, 360_000);

afterAll(() => stage?.stop(), 60_000);

const postgres = { postgres: { database: 'shop' } };
const verified = { ...postgres, verify: { query: 'SELECT id FROM orders' } };
const job = { name: 'expand', command: ['node', '-e', 'console.log(1)'] };

interface Asked {
  backup?: object[];
  folder?: string;
  schedule?: object;
  before?: string[];
}

/** Two services: an API that has a job, and a database that a release of the API leaves alone. */
function write({ backup = [postgres], folder = store, schedule, before = ['job'] }: Asked = {}): void {
  const api = {
    image: stage.bed.images['1']!.ref,
    instances: 1,
    routes: [{ proxy: 'edge', backend: 'api', port: 8080 }],
    drain: { deadline: '10s' },
    stop: { grace: '200ms' },
    ...quickly,
    jobs: [job],
  };
  const database = {
    image: 'shannon/postgres:15',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the .env file
    env: { POSTGRES_USER: 'shop', POSTGRES_DB: 'shop', POSTGRES_PASSWORD: '${DB_PASSWORD}' },
    strategy: { kind: 'recreate' },
    health: { ready: { tcp: 5432, within: '60s' } },
    backup: backup.map((one) => ({ before, ...one })),
  };
  const backups = { folder, ...(schedule && { schedule }) };
  stage.platform.write({ spec: { backups, services: { api, db: database } } });
}

const sql = (text: string): Promise<string> => docker(['exec', db, 'psql', '-U', 'shop', '-qtA', '-c', text]);

/** Releases the version that does not run. */
async function begin(): Promise<{ handle: ReleaseHandle; to: string }> {
  const to = version === '1' ? '2' : '1';
  return { handle: await stage.release({ versions: { api: to } }), to };
}

async function releaseNext(outcome: Outcome = 'released'): Promise<ReleaseStatus & { workflowId: string }> {
  const { handle, to } = await begin();
  const result = await handle.result();
  expect({ outcome: result.outcome, cause: outcome === 'released' ? result.cause : undefined }).toEqual({ outcome });
  if (outcome === 'released') version = to;
  return { ...(await handle.status()), workflowId: handle.workflowId };
}

/** The release has run no job, and the former version serves. */
async function expectAsBefore(handle: ReleaseHandle): Promise<void> {
  const { steps } = await handle.status();
  expect(Object.keys(steps).filter((id) => /job|launch|swap/.test(id) && steps[id]?.startedAt)).toEqual([]);
  const head = await ledgerOf(stage.platform).revision((await headOf(stage.platform))!);
  expect(head).toMatchObject({
    state: 'recorded',
    desired: { artifact: { ref: expect.stringMatching(new RegExp(`:${version}$`)) } },
  });
  expect(await holderOf('api')).toBeUndefined();
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((one) => (one.isFile() ? [one.name] : []));

const key = { platform: name, service: 'db', kind: 'postgres', name: 'shop' };

/** The backups, where nothing else is in their folder. */
async function backups(): Promise<Manifest[]> {
  const { damaged, loose, ...found } = await listBackups(folderStore({ folder: store }), key, never);
  expect({ damaged, loose }).toEqual({ damaged: [], loose: [] });
  return found.backups;
}

const scratches = () => docker(['ps', '-aq', '--filter', `label=belay.scratch=${name}/db`]);
const dumps = () => sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump'");
const holderOf = async (service: string) => (await readFence({ ...stage.platform, platform: name, service })).owner;

/** The table is locked meanwhile, so that a dump begins and then waits. */
async function whileHeld<T>(act: () => Promise<T>): Promise<T> {
  const hold = 'BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)';
  await docker(['exec', '--detach', db, 'psql', '-U', 'shop', '-c', hold]);
  const isHeld = async () =>
    (await sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted")) === '1';
  try {
    await waitFor({ what: 'the lock of the table', until: isHeld });
    return await act();
  } finally {
    await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK TABLE%'");
  }
}
const dumping = () => waitFor({ what: 'a dump', until: async () => (await dumps()) === '1' });

test('the first release has nothing to back up yet, and says so', async () => {
  write({ backup: [verified] });
  const { plan } = await releaseNext();
  expect(plan?.warnings).toContain('db (postgres shop) is not backed up: it has no container yet');
  await databaseReady('postgres', db);
  const note = 'md5(id::text) || md5((id + 1)::text) AS note';
  await sql(`CREATE TABLE orders AS SELECT id, ${note} FROM generate_series(1, ${rows}) id`);
});

describe('a release with a job', () => {
  test('has a backup made and verified before it, of a database that it leaves alone', async () => {
    write({ backup: [verified] });
    const { plan, steps, workflowId } = await releaseNext();
    const ids = plan!.steps.map(({ id }) => id);
    expect(plan!.steps.filter(({ kind }) => kind === 'claim').map(({ service }) => service)).toEqual(['api']);
    const at = ids.indexOf('api/job/expand');
    expect(ids.slice(at - 2, at + 1)).toEqual([
      'api/backup/db/postgres/shop',
      'api/verify/db/postgres/shop',
      'api/job/expand',
    ]);
    const [made] = await backups();
    expect(made).toMatchObject({ release: workflowId, verified: { rows } });
    const notes = ['backup', 'verify'].map((kind) => steps[`api/${kind}/db/postgres/shop`]?.note);
    expect(notes).toEqual([
      expect.stringMatching(new RegExp(`^${made!.id}: [\\d.]+ [kM]B in \\d`)),
      expect.stringMatching(new RegExp(`^${made!.id}: ${rows} rows, `)),
    ]);
    expect(steps['api/job/expand']!.startedAt! >= steps['api/verify/db/postgres/shop']!.endedAt!).toBe(true);
    expect(await scratches()).toBe('');
    const history = await stage.platform.client.workflow.getHandle(workflowId).fetchHistory();
    expect(JSON.stringify(historyToJSON(history))).not.toContain(planted);
  });

  test('is refused where the database would not let itself be dumped, before anything', async () => {
    write({ backup: [{ postgres: { database: 'shop', user: 'nobody' } }] });
    const { cause } = await releaseNext('failed');
    expect(cause).toMatchObject({
      code: 'preflight-failed',
      message: expect.stringMatching(/^db \(postgres shop\) cannot be backed up: .*role "nobody" does not exist/s),
    });
  });

  test('goes back before the job where the dump ends early, and leaves nothing that looks good', async () => {
    write();
    const before = await backups();
    const { handle } = await whileHeld(async () => {
      const begun = await begin();
      await dumping();
      await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pg_dump'");
      return begun;
    });
    const { outcome, cause } = await handle.result();
    expect({ outcome, ...cause }).toMatchObject({
      outcome: 'failed',
      code: 'backup-failed',
      step: 'api/backup/db/postgres/shop',
      message: expect.stringContaining(`the dump failed in ${db}: `),
    });
    expect(await backups()).toEqual(before);
    await expectAsBefore(handle);
  });

  test('goes back where the disk is full', async () => {
    const small = join(stage.platform.folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', small]);
    try {
      write({ folder: small });
      const { handle } = await begin();
      expect((await handle.result()).cause).toMatchObject({ code: 'disk-full', step: 'api/backup/db/postgres/shop' });
      expect(filesIn(small)).toEqual([]);
      await expectAsBefore(handle);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

describe('belay', () => {
  const run = (...args: string[]) => belay(stage, ...args);

  test('backup makes one after another; one that fails keeps no other from being made', async () => {
    write({ backup: [{ folder: { path: '/nowhere/at/all' } }, { ...postgres, keep: 2 }] });
    const before = (await backups()).length;
    const { code, out } = await run('backup', '--by', 'ana');
    expect({ code, out }).toMatchObject({ code: 3, out: expect.stringContaining('/nowhere/at/all') });
    expect(await backups()).toHaveLength(before + 1);
    expect(await holderOf('db')).toBeUndefined();
    write({ backup: [{ ...postgres, keep: 2 }] });
    expect(await run('backup', 'db')).toMatchObject({ code: 0, out: expect.stringContaining(`${name} is backed up`) });
    // The newest two, and the newest that was verified.
    expect(await backups()).toHaveLength(3);
  });

  test('backup --dry-run shows what would be done', async () => {
    write({ backup: [verified] });
    const { code, out } = await run('backup', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('back up db (postgres shop)');
    expect(out).toContain('restore the backup of db (postgres shop) into a scratch instance, and ask it');
  });

  test('drill --restore verifies the newest one, and reports', async () => {
    const { code, out } = await run('drill', '--restore', '--report', 'drill.md');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('the drill of e2ebackups has passed'),
    });
    const newest = (await backups()).at(-1)!;
    expect(newest.verified).toMatchObject({ rows });
    const report = readFileSync(join(stage.platform.folder, 'drill.md'), 'utf8');
    expect(report).toContain(`# Restore drill of ${name}`);
    expect(report).toMatch(new RegExp(`\\| db \\(postgres shop\\) \\| ${newest.id} \\| .* \\| ${rows} \\| .*pg_dump`));
  });

  test('backup --list names what there is, also through the host, and what is wrong', async () => {
    const row = join(store, name, 'db', 'postgres-shop');
    const wrong = { '20200101T000000000Z.json': '{}', '20200101T000000001Z.dump.part': 'half' };
    for (const [file, text] of Object.entries(wrong)) writeFileSync(join(row, file), text);
    const withoutAges = (text: string) => text.replace(/is .* old$/m, '');
    const [here, there] = [await run('backup', '--list'), await run('backup', '--list', '--host', stage.platform.host)];
    const { things } = JSON.parse((await run('backup', '--list', '--json')).out);
    for (const file of Object.keys(wrong)) rmSync(join(row, file));
    expect(here).toMatchObject({ code: 0, out: expect.stringContaining(`${rows}`) });
    expect(withoutAges(there.out)).toBe(withoutAges(here.out));
    expect(here.out).toContain('cut off, or being made: 20200101T000000001Z.dump.part');
    expect(here.out).toMatch(/damaged: .*20200101T000000000Z.json/);
    expect(things).toMatchObject([{ service: 'db', figures: { newest: expect.any(Number) } }]);
    expect(things[0].backups.at(-1)).toMatchObject({ verified: { rows }, encrypted: false });
  });

  test('backup --schedule has Temporal start what belay.yaml says, and nothing else', async () => {
    const schedule = { backup: '0 3 * * *', drill: '0 4 1 1,4,7,10 *', time_zone: 'Europe/Berlin' };
    write({ schedule });
    expect((await run('backup', '--schedule')).out).toBe(
      `belay-backup-${name} is new: backup at 0 3 * * * (Europe/Berlin)\nbelay-drill-${name} is new: drill at 0 4 1 1,4,7,10 * (Europe/Berlin)\n`,
    );
    expect((await run('backup', '--schedule')).out.match(/is as it was/g)).toHaveLength(2);
    const before = (await backups()).length;
    const { schedule: schedules, workflow } = stage.platform.client;
    await schedules.getHandle(`belay-backup-${name}`).trigger();
    await waitFor({ what: 'a backup by the schedule', until: async () => (await backups()).length > before });
    const started = `WorkflowId STARTS_WITH "backup/${name}/scheduled"`;
    await waitFor({
      what: 'its end',
      until: async () => (await workflow.count(`${started} AND ExecutionStatus = "Completed"`)).count === 1,
    });
    write({ schedule: { backup: '0 5 * * *' } });
    expect((await run('doctor')).out).toContain(
      `belay-backup-${name} is not as belay.yaml says: backup at 0 5 * * * (UTC)`,
    );
    expect((await run('backup', '--schedule')).out).toBe(
      `belay-backup-${name} was changed: backup at 0 5 * * * (UTC)\nbelay-drill-${name} was removed: no drill starts by itself\n`,
    );
    write({ schedule: { backup: '99 5 * * *' } });
    expect(await run('backup', '--schedule')).toMatchObject({
      code: 2,
      err: expect.stringContaining('backups.schedule.backup: Temporal refuses "99 5 * * *": Minute is not in range'),
    });
    write();
    expect((await run('backup', '--schedule')).out).toContain(`belay-backup-${name} was removed`);
  });
});

test('a backup that is cancelled ends its dump, and gives the service back', async () => {
  write();
  const before = await backups();
  await whileHeld(async () => {
    const handle = await stage.platform.belay.backup({ platform: name });
    await dumping();
    expect((await holderOf('db'))?.workflowId).toBe(handle.workflowId);
    await handle.cancel();
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'cancelled' });
    expect(await dumps()).toBe('0');
  });
  expect({ holder: await holderOf('db'), backups: await backups() }).toEqual({ holder: undefined, backups: before });
});

describe('a worker that dies', () => {
  test('in the middle of a dump is followed by one that makes it', async () => {
    write();
    const before = await backups();
    const { handle, to } = await whileHeld(async () => {
      const begun = await begin();
      await dumping();
      await stage.worker().end('SIGKILL');
      await anotherGoesOn(stage, begun.handle);
      return begun;
    });
    expect((await handle.result()).outcome).toBe('released');
    version = to;
    expect(await backups()).toHaveLength(before.length + 1);
  });

  const isPlan = ({ id }: CrashPoint) => id.startsWith('plan');
  const within: CrashPoint = { kind: 'effect', id: 'backup.verify', when: 'within', delay: 900, way: 'forward' };
  const others = chosen(
    backupPoints.filter((one) => !isPlan(one)),
    () => 'one',
  );
  test(`${titleOf([within, ...others])} is followed by one that verifies it, and leaves nothing`, async () => {
    write({ backup: [{ ...verified, keep: 1 }] });
    const before = new Set((await backups()).map(({ id }) => id));
    arm(stage.crashes, within, ...others);
    const { handle, to } = await begin();
    await workersDie(stage, { points: [within, ...others], release: handle });
    expect((await handle.result()).outcome).toBe('released');
    version = to;
    const made = (await backups()).filter(({ id }) => !before.has(id));
    expect(made).toMatchObject([{ verified: { rows } }]);
    expect({ scratches: await scratches(), dumps: await dumps() }).toEqual({ scratches: '', dumps: '0' });
  });

  test.each(chosen(backupPoints.filter(isPlan), () => 'one'))('$when $id has another one plan', async (point) => {
    arm(stage.crashes, point);
    const { belay } = stage.platform;
    const handle =
      point.id === 'planDrill'
        ? await belay.drill({ platform: name, restore: true })
        : await belay.backup({ platform: name });
    await workerDies(stage, { point, release: handle });
    expect((await handle.result()).outcome).toBe(point.id === 'planDrill' ? 'passed' : 'backed-up');
  });
});
