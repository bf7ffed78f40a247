import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { plan } from '../../activities/planning/release';
import { planRollback } from '../../activities/planning/rollback';
import { launch } from '../../activities/steps/launch';
import { takeFence } from '../../src/hosts/fence';
import { artifactDigest } from '../../src/model/artifact';
import type { LaunchStep, Plan } from '../../src/model/plan';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { desiredService } from '../plan/arbitraries';

/** The expectations of `docker compose up` about services, as plans and instances carry them. */

let home: string;
let folder: string;
let runtime: FakeRuntime;
let deps: Deps;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-view-'));
  folder = join(home, 'specs');
  mkdirSync(folder);
  write({ api: 'image: shop/api:1' });
  runtime = fakeRuntime();
  for (const tag of ['1', '2']) runtime.addImage(`shop/api:${tag}`, `id-${tag}`);
  deps = fakeDeps({ home, specs: [folder], runtime, proxyOf: adaptersOf(() => fakeProxy({ backends: {} })) });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(services: Record<string, string>, spec = 'services: { api: {} }'): void {
  const all = Object.entries(services).map(([name, text]) => `  ${name}: { ${text} }\n`);
  writeFileSync(join(folder, 'compose.yaml'), `name: shop\nservices:\n${all.join('')}`);
  writeFileSync(join(folder, 'belay.yaml'), `platform: shop\ncompose: compose.yaml\n${spec}\n`);
}

const planned = (input: object = {}): Promise<Plan> =>
  runActivity(plan(deps) as (input: unknown) => Promise<Plan>, { platform: 'shop', ...input });
const launches = ({ steps }: Plan) => steps.filter((step): step is LaunchStep => step.kind === 'launch');
const pendingOf = ({ steps }: Plan) =>
  steps.flatMap((step) => (step.kind === 'claim' && step.pending ? [step.pending.desired] : []))[0]!;

test('an instance is to have the id of the image that the file names, whichever version is released', async () => {
  const { compose, artifact: image } = pendingOf(await planned({ versions: { api: '2' } }));
  expect({ compose, digest: artifactDigest(image) }).toEqual({
    compose: { scale: 1, image: 'shop/api:1' },
    digest: 'id-2',
  });
});

test('what the file names and no host has is said, with the way out', async () => {
  write({ api: 'image: shop/api:0' });
  runtime.publish('shop/api:0', 'sha256:00');
  expect((await planned({ versions: { api: '2' } })).warnings).toContainEqual(
    expect.stringMatching(/^api: the image shop\/api:0, which the Compose file names, is not on this host: .* pull it/),
  );
  // This release pulls it.
  const { warnings, ...made } = await planned();
  expect(warnings.join()).not.toContain('is not on this host');
  expect(pendingOf({ warnings, ...made }).compose?.image).toMatchObject({ digest: 'sha256:00' });
});

test('a service that the file scales to 0 is no part of a release, and its number may be given', async () => {
  write(
    { api: 'image: shop/api:1, deploy: { replicas: 0 }', web: 'image: shop/api:1' },
    'services: { api: {}, web: {} }',
  );
  expect((await planned()).services.map(({ service }) => service)).toEqual(['web']);
  const asked = await planned({ instances: { api: 2 } });
  expect(launches(asked).map(({ instance }) => `${instance.name} ${instance.uncounted ?? false}`)).toEqual(
    expect.arrayContaining(['shop-api-r1-1 true', 'shop-api-r1-2 true', 'shop-web-r1-1 false']),
  );
});

test('a service that a release has started and that the file scales to 0 now is stopped, and none is called drained to which no route leads', async () => {
  await released();
  write({ api: 'image: shop/api:1, scale: 0' });
  const { services, warnings } = await planned();
  expect(services).toMatchObject([{ service: 'api', removed: true }]);
  expect(warnings).toEqual(['api: the Compose file scales it to 0: it is stopped']);
});

test('what waits for a service of another profile, and may do without it, is released', async () => {
  write({
    api: 'image: shop/api:1, depends_on: { debug: { condition: service_started, required: false } }',
    debug: 'image: shop/api:1, profiles: [debug]',
  });
  expect(launches(await planned())).toHaveLength(1);
});

test('a rollback starts instances by the file as it stands now, not as it stood then', async () => {
  await released();
  write({ api: 'image: "shop/api:2", labels: { edited: yes }' });
  const made = await runActivity(planRollback(deps) as (input: unknown) => Promise<Plan>, { platform: 'shop', to: 1 });
  const [step] = launches(made);
  const desired = pendingOf(made);
  expect(desired.compose).toEqual({ scale: 1, image: 'shop/api:2' });
  expect(made.leaves).toEqual([expect.stringMatching(/^the files still name api 2: docker compose up -d .*: api 1$/)]);
  const token = await fenceOf(step!);
  const ledger = deps.ledger.of({ platform: 'shop', service: 'api' });
  await ledger.writePending({
    task: { kind: 'take-again', revision: 1 },
    number: 2,
    desired,
    by: '',
    reason: '',
    release: token.owner.workflowId,
  });
  await ledger.configure(2, { create: { Image: 'shop/api:1', Labels: { 'com.docker.compose.config-hash': 'then' } } });
  const { platform, engine, proxies, source, format } = made;
  const input = { format, step: step!, round: 1, platform, engine, proxies, by: '', reason: '', source };
  await runActivity(launch(deps), input);
  const [found] = await runtime.observe({ platform: 'shop', service: 'api', name: step!.instance.name });
  expect(found!.compose).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), image: 'id-2', counted: true });
});

/** Revision 1, which the host has kept. */
async function released(): Promise<void> {
  const ledger = deps.ledger.of({ platform: 'shop', service: 'api' });
  const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
  const image = { ref: 'shop/api:1', digest: 'id-1', local: true };
  const desired = desiredService({ routes: [], instances: 1, project: 'shop', artifact: image });
  await ledger.writePending({
    task: { kind: 'run' },
    number: 1,
    desired,
    site,
    by: '',
    reason: '',
    release: 'release/shop/1',
  });
  await ledger.configure(1, { create: { Image: 'shop/api:1' } });
  await ledger.setState(1, 'recorded');
  await ledger.setHead(1);
}

/** Returns the fence in the workflow of the activity environment. */
async function fenceOf({ service, epoch, id }: LaunchStep) {
  const owner = { workflowId: 'test', runId: '00000000-0000-0000-0000-000000000000' };
  const token = { platform: 'shop', service, epoch, owner, step: id, attempt: 1 };
  await takeFence({ home, token, ...deps.temporal, takeOver: false });
  return token;
}
