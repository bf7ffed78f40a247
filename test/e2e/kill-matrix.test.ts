import { join } from 'node:path';
import { createActivities, type Deps } from '../../activities';
import type { ReleaseHandle } from '../../src/client';
import { effectIds } from '../../src/hosts/effects';
import { listFolder } from '../../src/hosts/file';
import { docker } from '../../testbed';
import { instancesOf, versionAt } from './containers';
import { activityWays, crashPoints, effectWays, removalOf, removalPoints } from './crash-cases';
import { arm, type CrashPoint } from './crash-point';
import { workerDies } from './crashes';
import { expectSettled, headOf, ledgerOf } from './expect-settled';
import { usedServers } from './servers';
import { frequentChecks, releaseTo, type Stage, setStage } from './stage';

const name = 'e2ekill';
const seconds: number[] = [];
let stage: Stage;

/** Quick, so that there is time for every case; one revision is kept, so that every release has something to clean up. */
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

const title = ({ kind, id, when, way, step }: CrashPoint) => `${way}: ${when} ${kind} ${step ?? id}`;

test.each(crashPoints.map((point) => [title(point), point] as const))(
  'a worker dies, %s',
  async (_title, point) => {
    await prepare(point);
    const before = { head: await headOf(stage.platform), version: await versionNow() };
    const load = await stage.load({ ratePerSecond: 150 });
    const since = Date.now();
    arm(stage.crashes, point);
    const release = await begin(point, before.version);
    await workerDies(stage, { point, release });
    const { outcome } = await release.result();
    const report = await load.stop();
    seconds.push((Date.now() - since) / 1000);
    const forward = point.way === 'forward';
    expect(outcome).toBe(forward ? 'released' : 'failed');
    const end = forward ? { version: other(before.version) } : before;
    await expectSettled({ ...stage, instances: 2, since, ...end, report });
  },
  60_000,
);

test.each(removalPoints.map((point) => [title(point), point] as const))(
  'a worker dies that takes something away, %s',
  async (_title, point) => {
    stage.platform.write({ service: quick });
    const past = await makePast();
    const before = { head: await headOf(stage.platform), version: await versionNow() };
    const prunes = removalOf(point) === 'prune';
    const load = prunes ? await stage.load({ ratePerSecond: 150 }) : undefined;
    const since = Date.now();
    arm(stage.crashes, point);
    const removal = await stage.platform.belay[removalOf(point)!]({ platform: name });
    await workerDies(stage, { point, release: removal });
    expect((await removal.result()).outcome).toBe('removed');
    const report = await load?.stop();
    seconds.push((Date.now() - since) / 1000);
    if (!prunes) return await expectNothingLeft();
    await expectSettled({ ...stage, instances: 2, since, ...before, report });
    expect(await tagged(past)).toBe('');
    expect((await ledgerOf(stage.platform).revision(past))?.configuration).toBeUndefined();
  },
  60_000,
);

/** Two instances run; where there were releases before, a revision has image and configuration that nothing keeps. */
async function makePast(): Promise<number> {
  const runs = (await instancesOf(name)).length > 0;
  await releaseTo(stage, { versions: { api: runs ? other(await versionNow()) : '1' } });
  const past = (await headOf(stage.platform))! - 2;
  if (past > 0) await docker(['tag', stage.bed.images['1']!.ref, tagOf(past)]);
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

/** An instance is killed only when it takes longer to stop than its revision allows. */
async function prepare({ id, way }: CrashPoint): Promise<void> {
  const kills = id === 'retire.kill';
  if (kills && way === 'forward') {
    stage.platform.write({ service: impatient });
    await releaseTo(stage, { versions: { api: 'slow' } });
  }
  stage.platform.write({ service: way === 'forward' ? quick : kills ? impatient : service });
}

async function versionNow(): Promise<string> {
  const [first] = await instancesOf(name);
  return await versionAt(first!.port);
}

function begin({ id, way }: CrashPoint, version: string): Promise<ReleaseHandle> {
  if (id === 'planRollback') return stage.platform.belay.rollback({ platform: name });
  const bad = id === 'retire.kill' ? 'slowbad' : 'bad';
  return stage.release({ versions: { api: way === 'undo' ? bad : other(version) } });
}

const other = (version: string) => (version === '1' ? '2' : '1');
