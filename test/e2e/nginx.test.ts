import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../testbed';
import { type Nginx, startNginx } from '../../testbed/nginx';
import { openEvents } from '../proxies/managed-streams';
import { instancesOf, versionAt } from './containers';
import { expectNoneFailed, headOf } from './expect-settled';
import { untilWaiting } from './progress';
import { quickly, releaseTo, type Service, type Stage, setStage, type Traffic, versionsAt } from './stage';

const name = 'e2enginx';
const count = 3;
const { health } = quickly;
const dir = mkdtempSync(join(tmpdir(), 'belay-e2e-nginx-'));
/** One byte for each reload. */
const reloads = join(dir, 'reloads');
let nginx: Nginx;
let stage: Stage;

beforeAll(async () => {
  // On a busy machine the load may pause for longer than the bed's 300 ms, and nginx closes what is idle.
  nginx = await startNginx({ dir, version: 'current', keepAlive: '1s' });
  writeFileSync(reloads, '');
  const reload = ['sh', '-c', `echo >> ${reloads}; exec "$@"`, 'reload', ...nginx.spec.reload];
  stage = await setStage({
    versions: [{ tag: '1' }, { tag: '2' }, { tag: 'smoke', env: { SMOKE_FAILS: '1' } }],
    platform: { name, instances: count, firstPort: 24_200, spec: { proxies: { edge: { ...nginx.spec, reload } } } },
  });
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(async () => {
  await stage?.stop();
  await nginx?.stop();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

const load = () => stage.load({ url: nginx.url('api'), method: 'mixed', ratePerSecond: 200 });

/** The next release has this service; it leads from what runs to the other version. */
async function begin(service: Service) {
  const versions = await versionsAt(stage, { count });
  stage.platform.write({ service });
  return versions;
}

const reloadsNow = (): number => readFileSync(reloads).length;

/** The servers that nginx reads, without Belay's own adapter. */
const servers = (): string[] =>
  [...readFileSync(join(nginx.folder, 'api.servers'), 'utf8').matchAll(/^server (.*);/gm)].map(([, words]) => words!);

/** Expects every instance in traffic, of this version and with an equal share, and no request lost. */
async function expectSettled(traffic: Traffic, version: string): Promise<void> {
  expectNoneFailed(await traffic.stop());
  const instances = await instancesOf(name);
  expect(await Promise.all(instances.map(({ port }) => versionAt(port)))).toEqual(Array(count).fill(version));
  const lines = instances.map(({ port }) => `127.0.0.1:${port}`);
  expect(servers().sort()).toEqual(lines.sort());
}

test('rolls one after the other under load', async () => {
  const { from, to } = await begin({ health });
  const traffic = await load();
  await releaseTo(stage, { versions: { api: to } });
  const { byVersion } = await traffic.snapshot();
  expect(Object.keys(byVersion).sort()).toEqual([from, to].sort());
  await expectSettled(traffic, to);
});

test('asks an instance to stop at the deadline of its drain, and its streams end as it ends them', async () => {
  const { to } = await begin({ ...quickly, drain: { deadline: '1s' } });
  const instances = await instancesOf(name);
  const events = await openEvents(`${nginx.url('api')}/stream?ms=50`);
  expect(await events.lives()).toBe(true);
  const release = await stage.release({ versions: { api: to } });
  expect(await release.result()).toMatchObject({ outcome: 'released' });
  expect(await events.over).toBe(true);
  const { steps } = await release.status();
  const notes = Object.keys(steps)
    .filter((id) => id.includes('/drain/'))
    .map((id) => steps[id]!.note);
  expect(notes).toHaveLength(instances.length);
  expect(notes).toContainEqual(
    expect.stringMatching(/^\d+ workers? of the proxy may still hold requests of it at the deadline, after 1\.\d s$/),
  );
});

test('rolls back from its very end under load', async () => {
  const { from } = await begin({ ...quickly, validate: [{ name: 'smoke', http: '/smoke' }] });
  const head = await headOf(stage.platform);
  const traffic = await load();
  const { cause } = await releaseTo(stage, { versions: { api: 'smoke' } }, 'failed');
  expect(cause).toMatchObject({ code: 'smoke-failed', step: 'api/validate/after/smoke' });
  await expectSettled(traffic, from);
  expect(await headOf(stage.platform)).toBe(head);
});

test('gives a canary the share that was asked for, by one reload for all weights', async () => {
  const { to } = await begin({ health, strategy: { kind: 'canary', steps: [{ weight: 20, approve: true }] } });
  const traffic = await load();
  const before = reloadsNow();
  const release = await stage.release({ versions: { api: to } });
  await untilWaiting(release, 'approval');
  // The weights of the old instances, and then the canary.
  expect(reloadsNow() - before).toBe(2);
  await traffic.mark('canary');
  const seen = async () => (await traffic.snapshot()).phases.canary!;
  await waitFor({ what: '600 requests', until: async () => (await seen()).requests >= 600 });
  const { byVersion, requests } = await seen();
  expect((byVersion[to] ?? 0) / requests).toBeCloseTo(0.2, 1);
  await release.say('approve', { by: 'ana' });
  expect(await release.result()).toMatchObject({ outcome: 'released' });
  await expectSettled(traffic, to);
});

test('switches from one set to the other by one reload, and back', async () => {
  const { from, to } = await begin({ health, strategy: { kind: 'blue-green', warm: '1h' } });
  const traffic = await load();
  const versions = () => Promise.all(servers().map((line) => versionAt(Number(/:(\d+)\b/.exec(line)![1]))));
  await releaseTo(stage, { versions: { api: to } });
  expect(await versions()).toEqual(Array(count).fill(to));
  expect(await instancesOf(name)).toHaveLength(2 * count);
  const back = await stage.platform.belay.rollback({ platform: name, by: 'ana', reason: 'the other was better' });
  expect(await back.result()).toMatchObject({ outcome: 'reverted' });
  expect(await versions()).toEqual(Array(count).fill(from));
  expectNoneFailed(await traffic.stop());
});
