import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps, StepInput } from '../../activities';
import { planDrill } from '../../activities/planning/drill';
import { drill } from '../../activities/steps/drill';
import { drillsOf } from '../../src/drill';
import type { StepResult } from '../../src/host';
import type { DrillStep, Plan, Step } from '../../src/model/plan';
import { planDrill as planOf } from '../../src/plan/plan-drill';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { type MemoryDrills, memoryDrills } from '../fakes/memory-drills';
import { runActivity } from '../fakes/run-activity';

let home: string;
let deps: Deps;
let drills: MemoryDrills;

const settings = 'drill: { settle: 1ms, wait: 50ms }';
const spec = `platform: shop
services:
  api: { ${settings} }
  web: {}
  worker: {}
  cron: {}
  db: { strategy: { kind: recreate } }
  seed: { strategy: { kind: job } }
`;
const compose = `services:
  api: { image: "shop/api:1" }
  web: { image: "shop/api:1" }
  worker: { image: "shop/api:1" }
  cron: { image: "shop/api:1" }
  db: { image: "postgres:15", volumes: ["data:/data"] }
  seed: { image: "shop/api:1" }
volumes: { data: {} }
`;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-drill-'));
  const folder = join(home, 'shop');
  mkdirSync(folder);
  writeFileSync(join(folder, 'belay.yaml'), spec);
  writeFileSync(join(folder, 'compose.yaml'), compose);
  const runtime = fakeRuntime();
  for (const image of ['shop/api:1', 'shop/api:2', 'postgres:15']) runtime.addImage(image);
  drills = memoryDrills();
  deps = fakeDeps({
    home,
    specs: [folder],
    runtime,
    drillsOf: () => drills,
    effects: { effect: (_id, _token, act) => act() },
  });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const planned = (input: object): Promise<Plan> =>
  runActivity(planDrill(deps) as (input: unknown) => Promise<Plan>, { platform: 'shop', ...input });
const drillIn = ({ steps }: Plan): DrillStep => steps.find((step) => step.kind === 'drill')!;

async function perform(plan: Plan, step: DrillStep = drillIn(plan)): Promise<StepResult> {
  const { format, engine, proxies, source } = plan;
  const input: StepInput<DrillStep> = {
    ...{ format, engine, proxies, source, platform: 'shop', step, round: 1, by: 'ana', reason: '' },
  };
  return await runActivity(drill(deps) as (input: unknown) => Promise<StepResult>, input);
}

test('a service that was never released is drilled as its files say', async () => {
  const plan = await planned({ services: ['api'] });
  expect(plan.steps.map(({ id }) => id)).toEqual(['api/claim', 'api/drill', 'api/record']);
  expect(plan.undo.map(({ id }) => id)).toEqual(['api/undo/claim', 'api/undo/drill', 'api/undo/record']);
  expect(drillIn(plan)).toMatchObject({ image: { ref: 'shop/api:1' }, scenario: { settle: 1, wait: 50 } });
  expect(drillIn(plan).revision).toBeUndefined();
});

test('a version, a path and times of the request take the place of those of the files', async () => {
  const given = { versions: { api: '2' }, path: '/slow', settle: '2s', wait: '3s' };
  expect(drillIn(await planned({ services: ['api'], ...given }))).toMatchObject({
    image: { ref: 'shop/api:2' },
    scenario: { settle: 2_000, wait: 3_000 },
  });
});

test('all of them are drilled, a few at once; what cannot be is left out, by name', async () => {
  const { steps, warnings } = await planned({ all: true });
  const all = steps.filter((step): step is Step & { kind: 'drill' } => step.kind === 'drill');
  expect(all.map(({ service }) => service)).toEqual(['api', 'cron', 'web', 'worker']);
  expect(all.map(({ needs }) => needs)).toEqual([['api/claim'], ['cron/claim'], ['web/claim'], ['worker/claim']]);
  const claims = steps.filter((step) => step.kind === 'claim');
  expect(claims.map(({ needs }) => needs)).toEqual([[], [], [], ['api/record']]);
  expect(warnings).toEqual([
    'seed: is a job, which ends by itself; it is left out',
    expect.stringMatching(/^services\.db: writes to a volume.*left out$/),
  ]);
});

test.each([
  [{ services: ['db'] }, 'spec-invalid', 'writes to a volume'],
  [{ services: ['seed'] }, 'not-built', 'is a job'],
  [{}, 'input-invalid', 'names no service'],
  [{ all: true, services: ['api'] }, 'input-invalid', 'takes one of all and services'],
  [{ restore: true, all: true }, 'input-invalid', 'restore goes without all'],
  [{ services: ['api'], wait: '0s' }, 'input-invalid', 'wait: takes no time at all'],
  [{ services: ['api'], settle: 'soon' }, 'input-invalid', 'settle: is not a duration'],
])('%j is refused', async (input, code, message) => {
  await expect(planned(input)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

test('an unknown service is refused with the one that is meant, and with all of them', async () => {
  await expect(planned({ services: ['apii'] })).rejects.toMatchObject({
    code: 'input-invalid',
    message: 'services: there is no service apii',
    hint: expect.stringMatching(/^did you mean api\? The services of shop are .*\bdb\b/),
  });
});

test('a good shutdown passes, and its verdict stays on the host', async () => {
  const { note } = await perform(await planned({ services: ['api'] }));
  expect(note).toMatch(/^pass: exit 0 after \d\.\d s, risk low \(0\)$/);
  expect(await drillsOf(home, 'shop')).toMatchObject([
    { service: 'api', verdict: 'pass', by: 'ana', artifact: 'shop/api:1', exitCode: 0 },
  ]);
  expect(drills.names()).toEqual([]);
});

test('a bad one fails the step, with the finding and its fix', async () => {
  drills.codes = {};
  await expect(perform(await planned({ services: ['api'] }))).rejects.toMatchObject({
    code: 'drill-failed',
    message: expect.stringMatching(/killed.*forced-kill.*had to be killed/),
    hint: expect.stringContaining('bound each wait'),
  });
  expect(await drillsOf(home, 'shop')).toMatchObject([
    { verdict: 'fail', findings: [{ id: 'forced-kill' }, { id: 'sigint' }] },
  ]);
  expect(drills.names()).toEqual([]);
});

test('what a drill does not remove is named: by its note, by its failure, and by the way back', async () => {
  drills.left = ['/var/lib/api stays: another unit uses it too'];
  const plan = await planned({ services: ['api'] });
  expect((await perform(plan)).note).toMatch(/^pass: .*; \/var\/lib\/api stays: another unit uses it too$/);
  await drills.create({ name: 'a', owner: 'shop/api', template: {}, artifact: drillIn(plan).image, ports: [] });
  const back = await perform(plan, drillIn({ ...plan, steps: plan.undo }));
  expect(back.note).toBe('/var/lib/api stays: another unit uses it too');
  drills.codes = {};
  await expect(perform(plan)).rejects.toMatchObject({
    message: expect.stringMatching(/forced-kill.*\/var\/lib\/api stays/),
  });
});

test('what a killed worker left is removed by the next drill, and by the way back', async () => {
  const plan = await planned({ services: ['api'] });
  const left = { name: 'shop-api-drill', owner: 'shop/api', template: {}, artifact: drillIn(plan).image, ports: [] };
  await drills.create(left);
  await perform(plan);
  expect(drills.names()).toEqual([]);
  await drills.create(left);
  await perform(plan, plan.undo.find((step) => step.kind === 'drill')!);
  expect(drills.names()).toEqual([]);
});

test('the way back of a cancelled drill of units asks systemd, and no Docker of another engine', async () => {
  const plan = await planned({ services: ['api'] });
  const { image, scenario } = drillIn(plan);
  const docker = deps.runtimeOf();
  const units = { ...docker, kind: 'systemd' as const, identity: async () => 'machine-1' };
  deps.runtimeOf = (kind) => (kind === 'systemd' ? units : docker);
  const services = [{ service: 'api', runtime: 'systemd' as const, image, scenario, epoch: 0 }];
  const ofUnits = planOf({ ...plan, engine: 'machine-1', services, source: plan.source!, takeOver: false });
  await drills.create({ name: 'shop-api-drill', owner: 'shop/api', template: {}, artifact: image, ports: [] });
  await perform(ofUnits, drillIn({ ...ofUnits, steps: ofUnits.undo }));
  expect(drills.names()).toEqual([]);
});
