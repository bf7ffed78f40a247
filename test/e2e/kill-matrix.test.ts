import { join } from 'node:path';
import { createActivities, type Deps } from '../../activities';
import type { ReleaseHandle } from '../../src/client';
import { effectIds } from '../../src/hosts/effects';
import { listFolder } from '../../src/hosts/file';
import { docker } from '../../testbed';
import { killSeed, oneOfTwo } from './chosen';
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
import { arm, titleOf } from './crash-point';
import { workerIsDead, workersDie } from './crashes';
import { expectSettled, headOf, ledgerOf } from './expect-settled';
import { usedServers } from './servers';
import { type Stages, shared } from './shared-stages';
import { frequentChecks, releaseTo, type Stage, setStage } from './stage';

const seconds: number[] = [];
const played = oneOfTwo(journeys);
const deaths = [...played.map(({ points }) => points), ...removals].flat().length;
/** A death costs little but waiting. So two releases, each on a stage of its own, wait at the same time. */
let stages: Stages;

/**
 * Quick, so that there is time for all cases. One revision is kept, so that every release has something to clean up.
 */
const service = {
  health: { ready: { http: '/ready', every: '100ms', healthy: 1, within: '10s' } },
  validate: [{ name: 'smoke', http: '/smoke' }],
  stop: { grace: '5s' },
  keep: 1,
};
/**
 * Both instances at once. The rollback needs them one after the other: only then is one retired, and to be revived,
 * when it begins.
 */
const quick = { ...service, strategy: { kind: 'rolling', surge: 2 } };
/** Instances of this revision have to be killed. */
const impatient = { ...service, stop: { grace: '200ms' } };

beforeAll(async () => {
  stages = shared(await Promise.all([setUp('e2ekilla', 20600), setUp('e2ekillb', 20800)]));
}, 360_000);

async function setUp(name: string, firstPort: number): Promise<Stage> {
  const slow = { SHUTDOWN_MS: '3000' };
  const stage = await setStage({
    versions: [
      { tag: '1' },
      { tag: '2' },
      { tag: 'bad', env: { SMOKE_FAILS: '1' } },
      { tag: 'slow', env: slow },
      { tag: 'slowbad', env: { ...slow, SMOKE_FAILS: '1' } },
    ],
    haproxy: { options: frequentChecks },
    platform: { name, instances: 2, firstPort, service },
    mortal: true,
  });
  for (const api of ['2', '1']) await releaseTo(stage, { versions: { api } });
  return stage;
}

afterAll(async () => {
  const sorted = [...seconds].sort((a, b) => a - b);
  const total = sorted.reduce((sum, one) => sum + one, 0);
  console.log(
    `${sorted.length} releases, ${deaths} deaths: ${total.toFixed(0)} s, median ${sorted[sorted.length >> 1]?.toFixed(1)} s, longest ${sorted.at(-1)?.toFixed(1)} s; again by BELAY_KILL_SEED=${killSeed}, all by npm run test:kill`,
  );
  await stages?.stop();
}, 180_000);

test('the matrix knows every effect and every activity', () => {
  expect(Object.keys(effectWays).sort()).toEqual([...effectIds].sort());
  expect(Object.keys(activityWays).sort()).toEqual(Object.keys(createActivities({} as Deps)).sort());
});

test.concurrent.each(played.map((journey) => [journey.scene, titleOf(journey.points), journey] as const))(
  'a worker dies in a release, %s: %s',
  (_scene, _title, { scene, points }) =>
    stages.take(async (stage) => {
      await prepare(stage, scene);
      const before = { head: await headOf(stage.platform), version: await versionNow(stage) };
      const load = await stage.load();
      const since = Date.now();
      arm(stage.crashes, ...points);
      const release = await begin(stage, scene, before.version);
      await workersDie(stage, { points, release });
      const { outcome } = await release.result();
      const report = await load.stop();
      seconds.push((Date.now() - since) / 1000);
      const forward = !fails(scene);
      expect(outcome).toBe(forward ? (scene === 'rollback' ? 'reverted' : 'released') : 'failed');
      const end = forward ? { version: other(before.version) } : before;
      await expectSettled({ ...stage, instances: 2, since, ...end, report });
      // A rollback cleans up all but what it leads to, and the next release has to have something to clean up.
      if (scene === 'rollback') await releaseTo(stage, { versions: { api: before.version } });
    }),
  180_000,
);

test.concurrent(
  'a release that dies with its worker beside a staged instance is in the way of none after it',
  () =>
    stages.take(async (stage) => {
      await prepare(stage, 'release');
      const before = await versionNow(stage);
      const load = await stage.load();
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
    }),
  180_000,
);

/** In their order: a drop is the last that happens on its stage. */
test.concurrent.each(removals.map((points) => [titleOf(points), points] as const))(
  'a worker dies that takes something away: %s',
  (_title, points) =>
    stages.take(async (stage) => {
      stage.platform.write({ service: quick });
      const past = await makePast(stage);
      const before = { head: await headOf(stage.platform), version: await versionNow(stage) };
      const kind = removalOf(points[0]!)!;
      const load = kind === 'prune' ? await stage.load() : undefined;
      const since = Date.now();
      arm(stage.crashes, ...points);
      const removal = await stage.platform.belay[kind]({ platform: stage.platform.name });
      await workersDie(stage, { points, release: removal });
      expect((await removal.result()).outcome).toBe('removed');
      const report = await load?.stop();
      seconds.push((Date.now() - since) / 1000);
      if (kind === 'drop') return await expectNothingLeft(stage);
      await expectSettled({ ...stage, instances: 2, since, ...before, report });
      expect(await tagged(stage, past)).toBe('');
      expect((await ledgerOf(stage.platform).revision(past))?.configuration).toBeUndefined();
    }),
  180_000,
);

/** Two instances run; where there were releases before, a revision has image and configuration that nothing keeps. */
async function makePast(stage: Stage): Promise<number> {
  const head = await headOf(stage.platform);
  const past = head === undefined ? undefined : (await ledgerOf(stage.platform).revision(head))?.previous;
  const runs = (await instancesOf(stage.platform.name)).length > 0;
  await releaseTo(stage, { versions: { api: runs ? other(await versionNow(stage)) : '1' } });
  if (!past) return 0;
  await docker(['tag', stage.bed.images['1']!.ref, tagOf(stage, past)]);
  return past;
}

const tagOf = ({ platform }: Stage, revision: number) => `belay/${platform.name}/api:r${revision}`;
const tagged = (stage: Stage, revision: number) => docker(['images', '-q', tagOf(stage, revision)]);

async function expectNothingLeft({ platform, bed }: Stage): Promise<void> {
  expect(await instancesOf(platform.name)).toEqual([]);
  expect(await usedServers(bed.haproxy)).toEqual([]);
  expect(await docker(['images', '-q', `belay/${platform.name}/*`])).toBe('');
  expect(await listFolder(join(platform.home, 'ledger'))).toEqual([]);
  expect(await listFolder(join(platform.home, 'logs'))).toEqual([]);
  expect(await listFolder(join(platform.home, 'drains'))).toEqual([]);
}

const fails = (scene: Scene): boolean => scene.startsWith('failing');
const kills = (scene: Scene): boolean => scene.endsWith('killing');

/** An instance is killed only when it takes longer to stop than its revision allows. */
async function prepare(stage: Stage, scene: Scene): Promise<void> {
  if (scene === 'killing') {
    stage.platform.write({ service: impatient });
    await releaseTo(stage, { versions: { api: 'slow' } });
  }
  stage.platform.write({ service: !fails(scene) ? quick : kills(scene) ? impatient : service });
}

async function versionNow({ platform }: Stage): Promise<string> {
  const [first] = await instancesOf(platform.name);
  return await versionAt(first!.port);
}

function begin({ platform, release }: Stage, scene: Scene, version: string): Promise<ReleaseHandle> {
  if (scene === 'rollback') return platform.belay.rollback({ platform: platform.name });
  const bad = kills(scene) ? 'slowbad' : 'bad';
  return release({ versions: { api: fails(scene) ? bad : other(version) } });
}

const other = (version: string) => (version === '1' ? '2' : '1');
