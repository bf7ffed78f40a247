import { join } from 'node:path';
import { createActivities, type Deps } from '../../activities';
import type { ReleaseHandle } from '../../src/client';
import { effectIds } from '../../src/hosts/effects';
import { listFolder } from '../../src/hosts/file';
import { docker } from '../../testbed';
import { instancesOf, versionAt } from './containers';
import {
  activityWays,
  adoptedPoint,
  effectWays,
  journeys,
  removalOf,
  removals,
  type Scene,
  stagedPoint,
} from './crash-cases';
import { arm } from './crash-point';
import { titleOf, workerIsDead, workersDie } from './crashes';
import { expectSettled, headOf, ledgerOf } from './expect-settled';
import { usedServers } from './servers';
import { frequentChecks, releaseTo, type Stage, setStage } from './stage';

const name = 'e2ekill';
const seconds: number[] = [];
let stage: Stage;

/** Quick, so that there is time for all of it; one revision is kept, so that every release has something to clean up. */
const service = {
  health: { ready: { http: '/ready', every: '100ms', healthy: 1, within: '10s' } },
  validate: [{ name: 'smoke', http: '/smoke' }],
  stop: { grace: '5s' },
  keep: 1,
};
/** Both at once. The way back needs them one after the other: only then is one retired, and to be revived, when it begins. */
const quick = { ...service, strategy: { kind: 'rolling', surge: 2 } };
/** Those of this revision have to be killed. */
const impatient = { ...service, stop: { grace: '200ms' } };

beforeAll(async () => {
  const slow = { SHUTDOWN_MS: '3000' };
  stage = await setStage({
    versions: [
      { tag: '1' },
      { tag: '2' },
      { tag: 'bad', env: { SMOKE_FAILS: '1' } },
      { tag: 'slow', env: slow },
      { tag: 'slowbad', env: { ...slow, SMOKE_FAILS: '1' } },
    ],
    haproxy: { options: frequentChecks },
    platform: { name, instances: 2, firstPort: 20800, service },
    mortal: true,
  });
  for (const api of ['2', '1']) await releaseTo(stage, { versions: { api } });
}, 120_000);

afterEach(() => stage?.quiet());

afterAll(async () => {
  const sorted = [...seconds].sort((a, b) => a - b);
  const total = sorted.reduce((sum, one) => sum + one, 0);
  console.log(
    `${sorted.length} cases: ${total.toFixed(0)} s, median ${sorted[sorted.length >> 1]?.toFixed(1)} s, longest ${sorted.at(-1)?.toFixed(1)} s`,
  );
  await stage?.stop();
}, 60_000);

test('the matrix knows every effect and every activity', () => {
  expect(Object.keys(effectWays).sort()).toEqual([...effectIds].sort());
  expect(Object.keys(activityWays).sort()).toEqual(Object.keys(createActivities({} as Deps)).sort());
});

test.each(journeys.map((journey) => [journey.scene, titleOf(journey.points), journey] as const))(
  'a worker dies in a release, %s: %s',
  async (_scene, _title, { scene, points }) => {
    await prepare(scene);
    const before = { head: await headOf(stage.platform), version: await versionNow() };
    const load = await stage.load({ ratePerSecond: 150 });
    const since = Date.now();
    arm(stage.crashes, ...points);
    const release = await begin(scene, before.version);
    await workersDie(stage, { points, release });
    const { outcome } = await release.result();
    const report = await load.stop();
    seconds.push((Date.now() - since) / 1000);
    const forward = !fails(scene);
    expect(outcome).toBe(forward ? 'released' : 'failed');
    const end = forward ? { version: other(before.version) } : before;
    await expectSettled({ ...stage, instances: 2, since, ...end, report });
  },
  180_000,
);

test('a release that dies with its worker beside a staged instance is in the way of none after it', async () => {
  await prepare('release');
  const before = await versionNow();
  const load = await stage.load({ ratePerSecond: 150 });
  const since = Date.now();
  const begin = () => stage.release({ versions: { api: other(before) } });
  arm(stage.crashes, stagedPoint);
  const left = await begin();
  await workerIsDead(stage, { points: [stagedPoint], release: left });
  await stage.platform.client.workflow.getHandle(left.workflowId).terminate('by the test');
  expect((await usedServers(stage.bed.haproxy)).map(({ state }) => state)).toContain('drain');
  await stage.startWorker();
  arm(stage.crashes, adoptedPoint);
  const last = await begin();
  await workersDie(stage, { points: [adoptedPoint], release: last });
  expect(await last.result()).toMatchObject({ outcome: 'released' });
  await expectSettled({ ...stage, instances: 2, since, version: other(before), report: await load.stop() });
}, 120_000);

test.each(removals.map((points) => [titleOf(points), points] as const))(
  'a worker dies that takes something away: %s',
  async (_title, points) => {
    stage.platform.write({ service: quick });
    const past = await makePast();
    const before = { head: await headOf(stage.platform), version: await versionNow() };
    const kind = removalOf(points[0]!)!;
    const load = kind === 'prune' ? await stage.load({ ratePerSecond: 150 }) : undefined;
    const since = Date.now();
    arm(stage.crashes, ...points);
    const removal = await stage.platform.belay[kind]({ platform: name });
    await workersDie(stage, { points, release: removal });
    expect((await removal.result()).outcome).toBe('removed');
    const report = await load?.stop();
    seconds.push((Date.now() - since) / 1000);
    if (kind === 'drop') return await expectNothingLeft();
    await expectSettled({ ...stage, instances: 2, since, ...before, report });
    expect(await tagged(past)).toBe('');
    expect((await ledgerOf(stage.platform).revision(past))?.configuration).toBeUndefined();
  },
  180_000,
);

/** Two instances run; where there were releases before, a revision has image and configuration that nothing keeps. */
async function makePast(): Promise<number> {
  const head = await headOf(stage.platform);
  const past = head === undefined ? undefined : (await ledgerOf(stage.platform).revision(head))?.previous;
  const runs = (await instancesOf(name)).length > 0;
  await releaseTo(stage, { versions: { api: runs ? other(await versionNow()) : '1' } });
  if (!past) return 0;
  await docker(['tag', stage.bed.images['1']!.ref, tagOf(past)]);
  return past;
}

const tagOf = (revision: number) => `belay/${name}/api:r${revision}`;
const tagged = (revision: number) => docker(['images', '-q', tagOf(revision)]);

async function expectNothingLeft(): Promise<void> {
  expect(await instancesOf(name)).toEqual([]);
  expect(await usedServers(stage.bed.haproxy)).toEqual([]);
  expect(await docker(['images', '-q', `belay/${name}/*`])).toBe('');
  expect(await listFolder(join(stage.platform.home, 'ledger'))).toEqual([]);
  expect(await listFolder(join(stage.platform.home, 'logs'))).toEqual([]);
  expect(await listFolder(join(stage.platform.home, 'drains'))).toEqual([]);
}

const fails = (scene: Scene): boolean => scene.startsWith('failing');
const kills = (scene: Scene): boolean => scene.endsWith('killing');

/** An instance is killed only when it takes longer to stop than its revision allows. */
async function prepare(scene: Scene): Promise<void> {
  if (scene === 'killing') {
    stage.platform.write({ service: impatient });
    await releaseTo(stage, { versions: { api: 'slow' } });
  }
  stage.platform.write({ service: !fails(scene) ? quick : kills(scene) ? impatient : service });
}

async function versionNow(): Promise<string> {
  const [first] = await instancesOf(name);
  return await versionAt(first!.port);
}

function begin(scene: Scene, version: string): Promise<ReleaseHandle> {
  if (scene === 'rollback') return stage.platform.belay.rollback({ platform: name });
  const bad = kills(scene) ? 'slowbad' : 'bad';
  return stage.release({ versions: { api: fails(scene) ? bad : other(version) } });
}

const other = (version: string) => (version === '1' ? '2' : '1');
