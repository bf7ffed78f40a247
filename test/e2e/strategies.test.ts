import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, waitFor } from '../../testbed';
import { instancesOf, versionAt } from './containers';
import { canaryPoints, switchPoints, warmPoint } from './crash-cases';
import { arm, type CrashPoint, crashedAt } from './crash-point';
import { expectNoneFailed, expectSettled, headOf, ledgerOf } from './expect-settled';
import { untilStep, untilWaiting } from './progress';
import { serversOf } from './servers';
import { releaseTo, type Stage, setStage, type Traffic } from './stage';

const name = 'e2estrat';
const count = 2;
const health = { ready: { http: '/ready', every: '100ms', healthy: 2, within: '10s' } };
const recreate = { health, strategy: { kind: 'recreate' } };
const canary = (...steps: object[]) => ({ health, strategy: { kind: 'canary', steps } });
const pair = {
  health,
  routes: [{ proxy: 'edge', backend: 'pair', port: 8080 }],
  validate: [{ name: 'smoke', http: '/smoke' }],
};
const blueGreen = (warm: string) => ({ ...pair, strategy: { kind: 'blue-green', warm } });
let stage: Stage;
let folder: string;

beforeAll(async () => {
  stage = await setStage({
    versions: [
      { tag: '1', env: { SHUTDOWN_MS: '50' } },
      { tag: '2', env: { SHUTDOWN_MS: '50' } },
      { tag: 'never', env: { NEVER_READY: '1' } },
      { tag: 'smoke', env: { SMOKE_FAILS: '1' } },
    ],
    haproxy: {
      backends: [
        { name: 'api', slots: 10 },
        { name: 'pair', slots: 6, sets: true },
      ],
      options: {
        backend: ['default-server check inter 100ms fall 3 rise 1 observe layer7 error-limit 1 on-error mark-down'],
      },
    },
    platform: { name, instances: count, firstPort: 21000 },
  });
  folder = join(stage.platform.folder, 'crash');
  mkdirSync(folder);
  await stage.worker().stop();
  await startCrashWorker();
}, 120_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

const startCrashWorker = () =>
  stage.startWorker({ program: ['dist', 'test', 'e2e', 'crash-worker.js'], env: { BELAY_CRASH: folder } });

/** Instances of version 1, whatever ran before, and then the service under test. */
async function fromVersionOne(service: Record<string, unknown>): Promise<void> {
  stage.platform.write({ service: { health, strategy: { kind: 'rolling', surge: count } } });
  const result = await (await stage.release({ versions: { api: '1' } })).result();
  expect(['released', 'unchanged']).toContain(result.outcome);
  stage.platform.write({ service });
}

/** The worker dies there, and another one goes on. */
async function workerDiesAt(point: CrashPoint): Promise<void> {
  const worker = stage.worker();
  await waitFor({ what: `the worker's death at ${point.id}`, within: 30_000, until: async () => !worker.isAlive() });
  expect(crashedAt(folder)).toMatchObject({ id: point.id, when: point.when, way: point.way });
  await startCrashWorker();
}

const settled = async (load: Traffic, since: number, version: string) =>
  expectSettled({ ...stage, instances: count, since, version, report: await load.stop() });

/** As the servers have them, and as the configuration gives them; what `show stat` says of one that is out is stale. */
async function expectEvenWeights(): Promise<void> {
  const [, head = '', ...rows] = (await stage.bed.haproxy.runtime('show servers state api'))
    .split('\n')
    .filter(Boolean);
  const names = head.replace(/^# /, '').split(' ');
  const cells = (name: string) => rows.map((row) => row.split(' ')[names.indexOf(name)]);
  expect(cells('srv_uweight')).toEqual(cells('srv_iweight'));
}

describe('recreate', () => {
  test('stops the old ones before it starts the new ones, and says beforehand for how long nobody serves', async () => {
    await fromVersionOne(recreate);
    const since = Date.now();
    const handle = await stage.release({ versions: { api: '2' } });
    const { outcome } = await handle.result();
    const { plan } = await handle.status();
    expect(outcome).toBe('released');
    expect(plan?.services[0]?.downtime?.atMost).toBeGreaterThan(1000);
    const events = await docker([
      'events',
      '--since',
      `${since / 1000}`,
      '--until',
      `${Date.now() / 1000}`,
      '--filter',
      `label=belay.platform=${name}`,
      '--filter',
      'event=start',
      '--filter',
      'event=die',
      '--format',
      '{{.Action}}',
    ]);
    expect(events.split('\n').filter(Boolean)).toEqual(['die', 'die', 'start', 'start']);
    await expectSettled({ ...stage, instances: count, since, version: '2' });
  });

  test('revives the old ones when the new one fails', async () => {
    await fromVersionOne({ ...recreate, health: { ready: { ...health.ready, timeout: '500ms', within: '1s' } } });
    const since = Date.now();
    await releaseTo(stage, { versions: { api: 'never' } }, 'failed');
    await expectSettled({ ...stage, instances: count, since, version: '1' });
  });

  test('goes on where it stood when its worker dies between stop and start', async () => {
    await fromVersionOne(recreate);
    const since = Date.now();
    const point: CrashPoint = { kind: 'effect', id: 'launch.create', when: 'before', way: 'forward' };
    arm(folder, point);
    const handle = await stage.release({ versions: { api: '2' } });
    await workerDiesAt(point);
    expect((await handle.result()).outcome).toBe('released');
    await expectSettled({ ...stage, instances: count, since, version: '2' });
  });
});

describe('canary', () => {
  const shareOfTwo = async (load: Traffic, phase: string): Promise<number> => {
    await load.mark(phase);
    const segment = async () => (await load.snapshot()).phases[phase]!;
    await waitFor({ what: '1,500 requests', within: 20_000, until: async () => (await segment()).requests >= 1500 });
    const { byVersion, requests } = await segment();
    return (byVersion['2'] ?? 0) / requests;
  };

  test('gives the new version the share that was asked for, step by step, and leaves no canary behind', async () => {
    await fromVersionOne(canary({ weight: 10, approve: true }, { weight: 40, soak: '300ms', approve: true }));
    const load = await stage.load({ ratePerSecond: undefined });
    const since = Date.now();
    const handle = await stage.release({ versions: { api: '2' } });
    const shares: number[] = [];
    for (const phase of ['first', 'second']) {
      await untilWaiting(handle, 'approval');
      shares.push(await shareOfTwo(load, phase));
      await handle.say('approve', { by: 'ana' });
    }
    expect((await handle.result()).outcome).toBe('released');
    console.log(
      `canary: asked for 10 % and 40 %, seen ${shares.map((one) => `${(one * 100).toFixed(1)} %`).join(' and ')}`,
    );
    expect(shares[0]).toBeCloseTo(0.1, 1);
    expect(Math.abs(shares[1]! - 0.4)).toBeLessThan(0.04);
    await expectEvenWeights();
    await settled(load, since, '2');
  });

  test('soaks through a pause and the death of its worker, and goes back when it is told to', async () => {
    await fromVersionOne(canary({ weight: 20, soak: '1h' }));
    const load = await stage.load();
    const since = Date.now();
    const handle = await stage.release({ versions: { api: '2' } });
    await untilStep(handle, /soak\/step-1/, 'running');
    await handle.say('pause', { by: 'ana' });
    await stage.worker().end('SIGKILL');
    await startCrashWorker();
    await handle.say('resume', { by: 'ana' });
    await handle.say('rollback', { by: 'ana' });
    expect((await handle.result()).outcome).toBe('rolled-back');
    await expectEvenWeights();
    await settled(load, since, '1');
  });

  test.each(canaryPoints)('goes on when its worker dies $when $id, $way', async (point) => {
    const back = point.way === 'undo';
    await fromVersionOne(canary({ weight: 20, approve: back }));
    const load = await stage.load();
    const since = Date.now();
    arm(folder, point);
    const handle = await stage.release({ versions: { api: '2' } });
    if (back) {
      await untilWaiting(handle, 'approval');
      await handle.say('reject', { by: 'ana' });
    }
    await workerDiesAt(point);
    expect((await handle.result()).outcome).toBe(back ? 'rejected' : 'released');
    await expectEvenWeights();
    await settled(load, since, back ? '1' : '2');
  });
});

describe('blue-green', () => {
  const live = async (): Promise<string> => {
    const rows = (await stage.bed.haproxy.runtime(`show map ${stage.bed.haproxy.mapPath}`)).split('\n');
    return rows.map((row) => row.trim().split(' ')).find(([, key]) => key === 'pair')?.[2] ?? 'pair-blue';
  };
  const pairLoad = () => stage.load({ url: stage.bed.haproxy.url('pair'), ratePerSecond: 200 });

  /** What the live set answers, and how many servers of each set are in use. */
  async function expectServing({ version, warm = 0 }: { version: string; warm?: number }): Promise<void> {
    const set = await live();
    expect(readFileSync(stage.bed.haproxy.mapPath, 'utf8')).toBe(`pair ${set}\n`);
    const idle = set === 'pair-blue' ? 'pair-green' : 'pair-blue';
    const used = async (backend: string) =>
      (await serversOf(stage.bed.haproxy, backend)).filter(({ state }) => state !== 'maint');
    const serving = await used(set);
    expect(await Promise.all(serving.map(({ address }) => versionAt(Number(address.split(':')[1]))))).toEqual(
      Array(count).fill(version),
    );
    expect(await used(idle)).toHaveLength(warm);
    expect(await instancesOf(name)).toHaveLength(count + warm);
    const head = await ledgerOf(stage.platform).revision((await headOf(stage.platform))!);
    expect(head?.state).toBe('recorded');
  }

  async function fromPairOfVersionOne(warm: string): Promise<void> {
    stage.platform.write({ service: blueGreen('0s') });
    const result = await (await stage.release({ versions: { api: '1' } })).result();
    expect(['released', 'unchanged']).toContain(result.outcome);
    stage.platform.write({ service: blueGreen(warm) });
    await expectServing({ version: '1' });
  }

  /** One request after the other, each on a connection of its own, until it is told to stop. */
  function inOrder(): { stop(): Promise<string[]> } {
    const seen: string[] = [];
    let over = false;
    const asking = (async () => {
      while (!over) {
        const answer = await fetch(`${stage.bed.haproxy.url('pair')}/api/ping`, { headers: { connection: 'close' } });
        const { version } = (await answer.json()) as { version: string };
        if (seen.at(-1) !== version) seen.push(version);
      }
    })();
    return {
      async stop() {
        over = true;
        await asking;
        return seen;
      },
    };
  }

  test('lets all traffic over at once, and loses none', async () => {
    await fromPairOfVersionOne('0s');
    const load = await pairLoad();
    const order = inOrder();
    await releaseTo(stage, { versions: { api: '2' } });
    expect(await order.stop()).toEqual(['1', '2']);
    expectNoneFailed(await load.stop());
    await expectServing({ version: '2' });
  });

  test('goes back by one switch while the old set is warm', async () => {
    await fromPairOfVersionOne('1h');
    await releaseTo(stage, { versions: { api: '2' } });
    await expectServing({ version: '2', warm: count });
    await releaseTo(stage, { versions: { api: '2' } }, 'unchanged');
    const before = (await instancesOf(name)).map(({ id }) => id);
    const load = await pairLoad();
    const order = inOrder();
    const from = await live();
    const began = Date.now();
    const handle = await stage.platform.belay.rollback({ platform: name });
    await waitFor({ what: 'the old set in traffic', every: 10, until: async () => (await live()) !== from });
    console.log(`blue-green: ${Date.now() - began} ms from the order to go back to the old set in traffic`);
    expect((await handle.result()).outcome).toBe('released');
    expect(await order.stop()).toEqual(['2', '1']);
    expectNoneFailed(await load.stop());
    await expectServing({ version: '1' });
    expect(before).toEqual(expect.arrayContaining((await instancesOf(name)).map(({ id }) => id)));
  });

  test('ends the warm set when its time is over, in a workflow of its own, whatever becomes of the worker', async () => {
    await fromPairOfVersionOne('1500ms');
    const load = await pairLoad();
    arm(folder, warmPoint);
    await releaseTo(stage, { versions: { api: '2' } });
    const revision = await headOf(stage.platform);
    await workerDiesAt(warmPoint);
    const retirement = stage.platform.client.workflow.getHandle(`retire/${name}/api-r${revision}`);
    expect(await retirement.result()).toMatchObject({ outcome: 'released' });
    expectNoneFailed(await load.stop());
    await expectServing({ version: '2' });
  });

  test('switches back when a test fails after the switch, and never switches when one fails before', async () => {
    await fromPairOfVersionOne('1h');
    const load = await pairLoad();
    const order = inOrder();
    await releaseTo(stage, { versions: { api: 'smoke' } }, 'failed');
    expect(await order.stop()).toEqual(['1', 'smoke', '1']);
    stage.platform.write({
      service: { ...blueGreen('1h'), validate: [{ name: 'smoke', http: '/smoke', when: ['before'] }] },
    });
    const again = inOrder();
    await releaseTo(stage, { versions: { api: 'smoke' } }, 'failed');
    expect(await again.stop()).toEqual(['1']);
    expectNoneFailed(await load.stop());
    await expectServing({ version: '1' });
  });

  test.each(switchPoints)('goes on when its worker dies $when $id, $way', async (point) => {
    await fromPairOfVersionOne('0s');
    const load = await pairLoad();
    arm(folder, point);
    const back = point.way === 'undo';
    const handle = await stage.release({ versions: { api: back ? 'smoke' : '2' } });
    await workerDiesAt(point);
    expect((await handle.result()).outcome).toBe(back ? 'failed' : 'released');
    expectNoneFailed(await load.stop());
    await expectServing({ version: back ? '1' : '2' });
  });
});
