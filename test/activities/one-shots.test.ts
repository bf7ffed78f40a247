// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { plan } from '../../activities/planning/release';
import { BelayError } from '../../src/errors';
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

const outcome = (input: object = {}): Promise<string> =>
  runActivity(plan(deps), { platform: 'shop', dry_run: true, ...input }).then(
    () => 'planned',
    (error: unknown) => [(error as BelayError).message, (error as BelayError).hint].join(' — '),
  );

test('a one-shot that ended as it is asked for now counts', async () => {
  await hasEnded();
  expect(await outcome()).toBe('planned');
});

test('one that ended with another configuration does not', async () => {
  await hasEnded();
  write('2');
  expect(await outcome()).toBe(
    'migrate, which api waits for, last ran with another configuration than the present one — docker compose up migrate',
  );
});

test('nor where it stands in a file whose name only Compose can tell', async () => {
  await hasEnded();
  write('2');
  renameSync(join(folder, 'compose.yaml'), join(folder, 'parts.yaml'));
  writeFileSync(join(folder, 'compose.yaml'), 'include: ["${NONE:-parts}${NONE:+s}.yaml"]\n');
  expect(await outcome()).toContain('last ran with another configuration than the present one');
});

test('nor one whose image has another content by now', async () => {
  await hasEnded();
  runtime.addImage('shop/api:1', 'sha256:other');
  expect(await outcome()).toBe(
    'migrate, which api waits for, last ran with another image than shop/api:1 is now — docker compose up migrate',
  );
});

test('nor where the service of the same image is given another version', async () => {
  await hasEnded();
  expect(await outcome({ versions: { api: '2' } })).toBe(
    'migrate, which api waits for, last ran with another image than shop/api:2 is now — write the version into the Compose file or its .env; then: docker compose up migrate',
  );
  expect(await outcome({ set: { TAG: '2' } })).toContain(
    'configuration than the present one — TAG=2 docker compose up',
  );
});

test('one that may be missing is not asked', async () => {
  await hasEnded();
  write('2', { required: false });
  expect(await outcome()).toBe('planned');
});

test('one that Compose builds counts by the name that Compose gives its image', async () => {
  write('1', { image: 'build: .' });
  runtime.addImage('shop-migrate', 'sha256:built');
  await hasEnded({ image: 'sha256:built' });
  expect(await outcome()).toBe('planned');
  runtime.addImage('shop-migrate', 'sha256:again');
  expect(await outcome()).toContain('last ran with another image than shop-migrate is now');
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
  expect(await outcome()).toBe('planned');
});
