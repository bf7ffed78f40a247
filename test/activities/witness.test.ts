import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plan } from '../../activities/planning/release';
import type { BelayError } from '../../src/errors';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { runs } from '../fakes/running';

let home: string;
let folder: string;
let runtime: FakeRuntime;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'belay-witness-')));
  folder = join(home, 'specs', 'shop');
  runtime = fakeRuntime();
  runtime.publish('shop/api:1', 'sha256:1');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const service = 'services: { api: { image: "shop/api:1" } }\n';

interface Case {
  /** Files there, beside belay.yaml and compose.yaml. */
  files?: string[];
  compose?: string;
  labels: Record<string, string>;
}

async function outcomeOf({ files = [], compose = 'compose.yaml', labels }: Case): Promise<string> {
  const texts = { 'belay.yaml': `platform: shop\ncompose: ${compose}\nservices: { api: {} }\n` };
  for (const name of ['compose.yaml', ...files]) Object.assign(texts, { [name]: name.includes('.env') ? '' : service });
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  await runs(runtime, {
    name: 'shop-api-1',
    image: 'shop/api:1',
    labels: {
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'api',
      'com.docker.compose.project.working_dir': folder,
      ...Object.fromEntries(
        Object.entries(labels).map(([name, value]) => [
          `com.docker.compose.project.${name}`,
          value.replaceAll('@', folder),
        ]),
      ),
    },
    ports: {},
  });
  const deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')] });
  return runActivity(plan(deps), { platform: 'shop', dry_run: true }).then(
    () => 'planned',
    (error: unknown) => [(error as BelayError).message, (error as BelayError).hint].join(' — ').replaceAll(folder, '@'),
  );
}

test.each<[string, Case]>([
  ['from the files that are read', { labels: { config_files: '@/compose.yaml' } }],
  [
    'from fewer, since an override is there that Compose would read too',
    { files: ['compose.override.yaml'], labels: { config_files: '@/compose.yaml' } },
  ],
  ['from what was typed in', { labels: { config_files: '-' } }],
  ['from this folder under its former name', { labels: { config_files: '/gone/compose.yaml', working_dir: '/gone' } }],
  ['with the env file that is read', { labels: { config_files: '@/compose.yaml', environment_file: '@/.env' } }],
])('what Compose started %s is taken over', async (_how, one) => {
  expect(await outcomeOf(one)).toBe('planned');
});

test.each<[string, Case, string]>([
  [
    'a file that is not read now',
    { files: ['compose.prod.yaml'], labels: { config_files: '@/compose.yaml,@/compose.prod.yaml' } },
    'shop-api-1 runs from compose.yaml, compose.prod.yaml, and here compose.yaml is read: a release would drop the settings of the other — write compose: [compose.yaml, compose.prod.yaml] in belay.yaml, or start it from the present files first: docker compose -f compose.yaml up -d',
  ],
  [
    'an override that the spec leaves out on purpose',
    {
      files: ['compose.override.yaml'],
      compose: '[compose.yaml]',
      labels: { config_files: '@/compose.yaml,@/compose.override.yaml' },
    },
    'shop-api-1 runs from compose.yaml, compose.override.yaml, and here compose.yaml is read',
  ],
  [
    'the same files in another order',
    { files: ['b.yaml'], compose: '[compose.yaml, b.yaml]', labels: { config_files: '@/b.yaml,@/compose.yaml' } },
    'shop-api-1 runs from b.yaml, compose.yaml, and here compose.yaml, b.yaml is read',
  ],
  [
    'another folder',
    { files: ['other/compose.yaml'], labels: { config_files: '@/other/compose.yaml', working_dir: '@/other' } },
    'shop-api-1 runs from @/other/compose.yaml with paths by @/other, and here compose.yaml is read with paths by @ — move belay.yaml to @/other, or start it from here: docker compose up -d',
  ],
  [
    'an env file that is not read now',
    { files: ['.env.live'], labels: { config_files: '@/compose.yaml', environment_file: '@/.env.live' } },
    'shop-api-1 runs with values of .env.live, and here they come from .env — write env_files: [.env.live] in belay.yaml, or start it without --env-file first',
  ],
])('what Compose started from %s is refused before the first change', async (_what, one, words) => {
  expect(await outcomeOf(one)).toContain(words);
});

test('what runs from this folder as another project is named, while this one has none of the service', async () => {
  const labels = (project: string) => ({
    'com.docker.compose.project': project,
    'com.docker.compose.service': 'api',
    'com.docker.compose.project.working_dir': folder,
    'com.docker.compose.project.config_files': join(folder, 'compose.yaml'),
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\nservices: { api: {} }\n');
  writeFileSync(join(folder, 'compose.yaml'), service);
  const deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')] });
  const said = async () => {
    const { warnings } = await runActivity(plan(deps), { platform: 'shop', dry_run: true });
    return warnings.filter((one) => one.includes('runs from this folder'));
  };
  await runs(runtime, { name: 'live-api-1', image: 'shop/api:1', labels: labels('live') });
  expect(await said()).toEqual([
    'api: live-api-1 runs from this folder as the Compose project live, and this is shop: a release would start a second one beside it. If the two are the same, write name: live at the top of the Compose file',
  ]);
  await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: labels('shop') });
  expect(await said()).toEqual([]);
});
