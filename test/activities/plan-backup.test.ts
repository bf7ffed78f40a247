import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { planBackup } from '../../activities/planning/backup';
import { planDrill } from '../../activities/planning/drill';
import { plan } from '../../activities/planning/release';
import { backup } from '../../activities/steps/backup';
import type { StepInput } from '../../src/host';
import type { BackupStep, Plan } from '../../src/model/plan';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, runs } from '../fakes/running';

let home: string;
let runtime: FakeRuntime;
let deps: Deps;

const spec = (home: string) => `platform: shop
backups: { folder: ${home}/store }
services:
  api:
    backup: [{ service: db, postgres: { database: shop }, before: [configure] }, { folder: { path: /srv/uploads } }]
  web: {}
`;
const compose =
  'services: { api: { image: "shop/api:1" }, web: { image: "shop/web:1" }, db: { image: "postgres:15" } }\n';

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'belay-plan-backup-'));
  const folder = join(home, 'shop');
  mkdirSync(folder);
  writeFileSync(join(folder, 'belay.yaml'), spec(home));
  writeFileSync(join(folder, 'compose.yaml'), compose);
  runtime = fakeRuntime();
  for (const image of ['shop/api:1', 'shop/web:1', 'postgres:15']) runtime.addImage(image);
  deps = fakeDeps({ home, host: 'host-1', specs: [folder], runtime });
  await runs(runtime, { name: 'shop-db-1', image: 'postgres:15', labels: composeLabels('db') });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const planned = (input: object = {}): Promise<Plan> =>
  runActivity(planBackup(deps) as (input: unknown) => Promise<Plan>, { platform: 'shop', ...input });
const copies = ({ steps }: Plan) => steps.filter(({ kind }) => kind === 'backup').map(({ id }) => id);

const [uploads, database] = ['api/backup/api/folder/srv-uploads', 'db/backup/db/postgres/shop'];

test('backs up a Compose service that the spec does not name, under its own fence', async () => {
  const plan = await planned();
  expect(copies(plan)).toEqual([uploads, database]);
  expect(plan.warnings).toEqual([]);
});

test.each([
  [['db'], [database]],
  [['api'], [uploads, database]],
])('backs up what %s has, and what is written there', async (services, expected) => {
  expect(copies(await planned({ services }))).toEqual(expected);
});

test('names services without a backup, and unknown ones', async () => {
  await expect(planned({ services: ['web'] })).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('web'),
  });
  await expect(planned({ services: ['dbb'] })).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('dbb'),
  });
});

describe('of a service without a container', () => {
  const without = 'db (postgres shop) will fail: db has no container on this host';
  beforeEach(() => runtime.remove('shop-db-1'));

  test('has a step that fails with what to do, and the others are made', async () => {
    const made = await planned();
    expect(copies(made)).toEqual([uploads, database]);
    expect(made.warnings).toEqual([without]);
    const step = made.steps.find(({ id }) => id === database) as BackupStep;
    await expect(carryOut(step)).rejects.toMatchObject({
      code: 'instance-lost',
      message: 'db has no container on this host',
      hint: expect.stringContaining('docker compose up -d db'),
    });
  });

  test('is said in the plan of a first release, which goes on', async () => {
    const made = await runActivity(plan(deps) as (input: unknown) => Promise<Plan>, { platform: 'shop' });
    expect(copies(made)).toEqual([]);
    expect(made.warnings).toContain('db (postgres shop) is not backed up: it has no container yet');
  });

  test('is nothing to drill where it has no backup', async () => {
    const activity = planDrill(deps) as (input: unknown) => Promise<Plan>;
    const { steps, warnings } = await runActivity(activity, { platform: 'shop', restore: true, services: ['db'] });
    expect({ steps, warnings }).toEqual({
      steps: [],
      warnings: ['db (postgres shop) has no backup yet: belay backup'],
    });
  });
});

async function carryOut(step: BackupStep): Promise<unknown> {
  const effects = { effect: <T>(_id: string, _token: unknown, change: () => Promise<T>) => change() };
  const input = { format: 1, step, round: 1, platform: 'shop', by: 'ana', reason: '', proxies: {} };
  const engine = await runtime.identity();
  return await runActivity(backup({ ...deps, effects }), { ...input, engine } as unknown as StepInput<BackupStep>, {
    scheduledTimestampMs: Date.now(),
  });
}

test('a release has it made before it changes anything', async () => {
  const activity = plan(deps) as (input: unknown) => Promise<Plan>;
  const { steps } = await runActivity(activity, { platform: 'shop' });
  expect(steps.find(({ kind }) => kind === 'backup')).toMatchObject({
    service: 'api',
    backup: { service: 'db', container: 'shop-db-1' },
  });
});
