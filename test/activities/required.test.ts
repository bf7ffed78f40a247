import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { plan } from '../../activities/planning/release';
import { preflight } from '../../activities/steps/preflight';
import { wayOut } from '../../src/cli/way-out';
import type { PreflightStep } from '../../src/model/plan';
import { shortages } from '../../src/observe/shortages';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, runs } from '../fakes/running';
import { desired } from '../hosts/support';

const compose = `services:
  api: { image: 'shop/api:1', depends_on: { db: { condition: service_healthy } } }
  db: { image: 'postgres:17' }
`;
const home = mkdtempSync(join(tmpdir(), 'belay-required-'));
const folder = join(home, 'specs', 'shop');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'compose.yaml'), compose);
writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\ncompose: compose.yaml\nservices: { api: {} }\n');
afterAll(() => rmSync(home, { recursive: true, force: true }));

const db = { name: 'shop-db-1', image: 'postgres:17', labels: composeLabels('db') };

test('a plan that is shown says first that a service of Compose is gone', async () => {
  const runtime = fakeRuntime();
  runtime.addImage('shop/api:1');
  const deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')] });
  const notices = async () => (await runActivity(plan(deps), { platform: 'shop', dry_run: true })).notices?.[0];
  expect(await notices()).toBe('db, which api depends on, is not running: docker compose up -d db');
  await runs(runtime, db);
  runtime.setHealth('shop-db-1', 'healthy');
  expect(await notices()).toBeUndefined();
});

test('what Compose keeps comes before the released services that depend on it', async () => {
  const runtime = fakeRuntime();
  const deps = fakeDeps({ home, runtime });
  const site = { proxies: {}, ports: { first: 1, last: 2 } };
  const written = { task: { kind: 'run' } as const, site, by: '', reason: '', release: 'r', number: 1 };
  for (const service of ['api', 'mailer']) {
    const own = deps.ledger.of({ platform: 'shop', service });
    const requires = [{ service: 'db', condition: 'healthy' as const }];
    await own.writePending({ ...written, desired: desired({ service, instances: 1, project: 'shop', requires }) });
    await own.setHead(1);
  }
  const found = async () => (await shortages(deps, 'shop')).map((one) => `${one.text}; ${wayOut(one)}`);
  expect(await found()).toEqual([
    'db, which api and mailer depend on, is not running; docker compose up -d db',
    expect.stringMatching(/^api: its only instance, of revision 1, does not run; /),
    expect.stringMatching(/^mailer: /),
  ]);
  await runs(runtime, db);
  runtime.setHealth('shop-db-1', 'healthy');
  expect(await found()).toHaveLength(2);
});

describe('before the release', () => {
  const began = async (runtime: FakeRuntime, onNote: (note: string) => void = () => undefined) => {
    const deps = fakeDeps({ home, runtime });
    const requires = [{ service: 'db', condition: 'healthy' as const, project: 'shop' }];
    const base = { id: 'mailer/preflight', service: 'mailer', host: 'h', epoch: 1, needs: [] };
    const input: StepInput<PreflightStep> = {
      format: 1,
      step: { ...base, kind: 'preflight', ports: [], slots: [], requires },
      round: 1,
      platform: 'shop',
      engine: await deps.engine.identity(),
      proxies: {},
      by: '',
      reason: '',
    };
    return await runActivity(preflight(deps), input, {}, ({ note }) => note && onNote(note));
  };

  test.each([
    ['healthy', undefined],
    ['unhealthy', 'db, which mailer depends on, is unhealthy: see docker compose ps db'],
  ] as const)('a dependency that is starting is waited for until it is %s', async (end, problem) => {
    const runtime = fakeRuntime();
    await runs(runtime, db);
    runtime.setHealth('shop-db-1', 'starting');
    const notes: string[] = [];
    const done = began(runtime, (note) => {
      notes.push(note);
      runtime.setHealth('shop-db-1', end);
    });
    if (problem) await expect(done).rejects.toMatchObject({ code: 'preflight-failed', message: problem });
    else expect(await done).toEqual({ note: undefined });
    expect(notes[0]).toBe('waits until db is healthy');
  });

  test.each([
    ['unhealthy', 'db, which mailer depends on, is unhealthy: see docker compose ps db'],
    [
      'none',
      'db, which mailer depends on, has no HEALTHCHECK: give it a healthcheck in the Compose file, then docker compose up -d db',
    ],
  ] as const)('a dependency whose health is %s is refused', async (health, message) => {
    const runtime = fakeRuntime();
    await runs(runtime, db);
    runtime.setHealth('shop-db-1', health);
    await expect(began(runtime)).rejects.toMatchObject({ code: 'preflight-failed', message });
  });
});
