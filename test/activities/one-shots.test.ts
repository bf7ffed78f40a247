// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type Deps } from '../../activities';
import { plan } from '../../activities/planning/release';
import { BelayError } from '../../src/errors';
import type { Plan } from '../../src/model/plan';
import { openProject } from '../../src/project/project';
import { readProject } from '../../src/runtimes/docker/project/sources';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, runs } from '../fakes/running';

let home: string;
let folder: string;
let runtime: FakeRuntime;
let deps: Deps;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-shots-'));
  folder = join(home, 'specs', 'shop');
  mkdirSync(folder, { recursive: true });
  runtime = fakeRuntime();
  for (const tag of ['1', '2']) runtime.addImage(`shop/api:${tag}`, `sha256:${tag}`);
  deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')] });
  write('1');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(tag: string, { required = true, image = `image: "shop/api:\${TAG:-${tag}}"` } = {}): void {
  writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\nservices: { api: {} }\n');
  writeFileSync(
    join(folder, 'compose.yaml'),
    `services:
  api:
    image: "shop/api:\${TAG:-${tag}}"
    depends_on: { migrate: { condition: service_completed_successfully, required: ${required} } }
  migrate: { ${image}, command: [migrate] }
`,
  );
}

/** `migrate` ended as the files were then. */
async function hasEnded({ code = 0, image = 'sha256:1' } = {}): Promise<void> {
  const { compose } = await readProject(deps, { project: openProject({ folder, files: {} }) });
  const { hashes } = compose;
  const labels = {
    ...composeLabels('migrate'),
    'com.docker.compose.config-hash': hashes.migrate!,
    'com.docker.compose.project.working_dir': folder,
    'com.docker.compose.project.config_files': join(folder, 'compose.yaml'),
  };
  await runs(runtime, { name: 'shop-migrate-1', image, labels, ports: {} });
  runtime.exit('shop-migrate-1', code);
}

/** Steps of the plan by service, in their kinds; or the refusal. */
const planned = (input: object = {}): Promise<Record<string, string[]> | string> =>
  (runActivity(plan(deps), { platform: 'shop', dry_run: true, ...input }) as Promise<Plan>).then(
    ({ steps }) =>
      Object.fromEntries(
        [...new Set(steps.map(({ service }) => service))].map((service) => [
          service,
          steps.flatMap((step) => (step.service === service ? [step.kind] : [])),
        ]),
      ),
    (error: unknown) => [(error as BelayError).message, (error as BelayError).hint].join(' — '),
  );
const runsMigrate = { migrate: expect.arrayContaining(['pull', 'configure', 'job']) };

test('a service that another waits for runs as a job, although the spec does not name it', async () => {
  const made = await planned();
  expect(made).toMatchObject({ ...runsMigrate, api: expect.arrayContaining(['launch']) });
  const { steps } = (await runActivity(plan(deps), { platform: 'shop', dry_run: true })) as Plan;
  expect(steps.find(({ kind }) => kind === 'job')).toMatchObject({
    instance: { name: 'shop-migrate-r1-job-migrate' },
    when: 'before',
    timeout: 600_000,
  });
  expect(steps.find(({ id }) => id === 'api/launch/shop-api-r1-1')!.needs).toContain('migrate/job/migrate');
});

test('one that Compose ran as it is now has run', async () => {
  await hasEnded();
  expect(Object.keys(await planned())).toEqual(['api']);
});

test('one that Compose ran and that failed runs', async () => {
  await hasEnded({ code: 1 });
  expect(await planned()).toMatchObject(runsMigrate);
});

test('one that Compose ran with another configuration runs again', async () => {
  await hasEnded();
  write('2');
  expect(await planned()).toMatchObject(runsMigrate);
});

test('also where it stands in a file whose name only Compose can tell', async () => {
  await hasEnded();
  write('2');
  renameSync(join(folder, 'compose.yaml'), join(folder, 'parts.yaml'));
  writeFileSync(join(folder, 'compose.yaml'), 'include: ["${NONE:-parts}${NONE:+s}.yaml"]\n');
  expect(await planned()).toMatchObject(runsMigrate);
});

test('and one whose image has another content by now', async () => {
  await hasEnded();
  runtime.addImage('shop/api:1', 'sha256:other');
  expect(await planned()).toMatchObject(runsMigrate);
});

test('a version of the service with the very same image is its version too', async () => {
  await hasEnded();
  const { steps } = (await runActivity(plan(deps), {
    platform: 'shop',
    dry_run: true,
    versions: { api: '2' },
  })) as Plan;
  expect(steps.find(({ id }) => id === 'migrate/pull')).toMatchObject({ artifact: { ref: 'shop/api:2' } });
});

test('a release of the service alone runs what it waits for', async () => {
  expect(await planned({ services: ['api'] })).toMatchObject(runsMigrate);
});

test('one that may be missing is left to Compose', async () => {
  write('2', { required: false });
  expect(Object.keys(await planned())).toEqual(['api']);
});

test('one that waits for another one runs after it', async () => {
  writeFileSync(
    join(folder, 'compose.yaml'),
    `services:
  api:
    image: "shop/api:1"
    depends_on: { migrate: { condition: service_completed_successfully } }
  migrate:
    image: "shop/api:1"
    depends_on: { seed: { condition: service_completed_successfully } }
  seed: { image: "shop/api:1" }
`,
  );
  const { steps } = (await runActivity(plan(deps), { platform: 'shop', dry_run: true })) as Plan;
  expect(steps.find(({ id }) => id === 'migrate/job/migrate')!.needs).toContain('seed/job/seed');
});

test('one that Compose is running now is refused', async () => {
  await hasEnded();
  write('2');
  await runtime.start('shop-migrate-1');
  expect(await planned()).toBe(
    'migrate: shop-migrate-1 runs, which Compose has started — wait until it has ended: docker wait shop-migrate-1',
  );
});

test('one that Compose builds counts by the name that Compose gives its image', async () => {
  write('1', { image: 'build: .' });
  runtime.addImage('shop-migrate', 'sha256:built');
  await hasEnded({ image: 'sha256:built' });
  expect(Object.keys(await planned())).toEqual(['api']);
  runtime.addImage('shop-migrate', 'sha256:again');
  expect(await planned()).toMatchObject(runsMigrate);
});

test('one that the spec names is a job there too', async () => {
  writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\nservices: { api: {}, migrate: {} }\n');
  expect(await planned()).toBe(
    'services.migrate: is a job: api waits for it to complete — leave it out of belay.yaml, or write strategy: { kind: job }',
  );
  const job = 'strategy: { kind: job, timeout: 1m, point_of_no_return: true }';
  writeFileSync(join(folder, 'belay.yaml'), `platform: shop\nservices: { api: {}, migrate: { ${job} } }\n`);
  expect(await planned()).toMatchObject({ migrate: expect.arrayContaining(['approve', 'job']) });
});

/** Performs the steps of the job's service. */
async function runMigrate(): Promise<void> {
  const { steps, ...made } = (await runActivity(plan(deps), { platform: 'shop' })) as Plan;
  const activities = createActivities(deps);
  const { platform, engine, proxies, source, format } = made;
  for (const kind of ['claim', 'pull', 'configure', 'job', 'record'])
    for (const step of steps.filter((one) => one.kind === kind && one.service === 'migrate')) {
      const activity = activities[kind as 'job'] as unknown as (input: unknown) => Promise<unknown>;
      await runActivity(activity, { format, step, round: 1, platform, engine, proxies, by: '', reason: '', source });
    }
}

test('a run by Belay takes the place of what Compose had run: else docker compose up would replace all that waits for it', async () => {
  await hasEnded();
  write('2');
  await runMigrate();
  expect(runtime.jobs).toEqual(['shop-migrate-r1-job-migrate: migrate']);
  expect(runtime.names()).toEqual([]);
});

test('neither a restart nor a rollback is of a job', async () => {
  await runMigrate();
  expect(runtime.jobs).toEqual(['shop-migrate-r1-job-migrate: migrate']);
  expect(Object.keys(await planned())).toEqual(['api']);
  await expect(runActivity(plan(deps), { platform: 'shop', restart: true, services: ['migrate'] })).rejects.toThrow(
    'services: migrate is a job: it ends by itself',
  );
  const back = createActivities(deps).planRollback as unknown as (input: object) => Promise<Plan>;
  await expect(runActivity(back, { platform: 'shop', services: ['migrate'] })).rejects.toThrow(
    'services: migrate is a job: nothing takes back what it has done (undo)',
  );
});

test('a registry that refuses the image does not stop what the host has under that very name', async () => {
  write('1', { image: 'image: "private/migrate:1"' });
  runtime.addImage('private/migrate:1', 'sha256:1');
  await hasEnded();
  const pin = deps.engine.pin;
  deps.engine.pin = async (ref) => {
    if (ref.startsWith('private/'))
      throw new BelayError('registry-denied', `${ref}: refused`, { hint: 'docker login' });
    return await pin(ref);
  };
  expect(Object.keys(await planned())).toEqual(['api']);
});
