import { readFileSync } from 'node:fs';
import { waitFor } from '../../testbed';
import { chosen } from './chosen';
import { eventsOf, instancesOf } from './containers';
import { canaryPoints, switchPoints, warmPoint } from './crash-cases';
import { arm, type CrashPoint } from './crash-point';
import { workerDies } from './crashes';
import { expectNoneFailed, expectSettled, headOf, ledgerOf } from './expect-settled';
import { untilRelease, untilStep, untilWaiting } from './progress';
import { usedServers, versionsIn } from './servers';
import {
  frequentChecks,
  releaseTo,
  type Service,
  type Stage,
  setStage,
  type Traffic,
  type Versions,
  versionsAt,
} from './stage';

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
const match = { header: { name: 'X-Beta', value: 'yes' }, addresses: ['192.0.2.0/24'] };
let stage: Stage;

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
        { name: 'api', slots: 10, match },
        { name: 'pair', slots: 6, sets: true },
      ],
      options: frequentChecks,
    },
    platform: { name, instances: count, firstPort: 21000 },
    mortal: true,
  });
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

/** The next release has this service; it leads from what runs to the other version. */
async function begin(service: Service, before?: Service): Promise<Versions> {
  const versions = await versionsAt(stage, { count, before });
  stage.platform.write({ service });
  return versions;
}

const settled = async (load: Traffic, since: number, version: string) =>
  expectSettled({ ...stage, instances: count, since, version, report: await load.stop() });

/** Expects even weights at the servers and in the configuration. `show stat` is stale for servers out of traffic. */
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
    const { to } = await begin(recreate);
    const since = Date.now();
    const handle = await stage.release({ versions: { api: to } });
    const { outcome } = await handle.result();
    const { plan } = await handle.status();
    expect(outcome).toBe('released');
    expect(plan?.services[0]?.downtime?.atMost).toBeGreaterThan(1000);
    const events = await eventsOf([`label=belay.platform=${name}`, 'event=start', 'event=die'], { since });
    expect(events).toEqual(['die', 'die', 'start', 'start']);
    await expectSettled({ ...stage, instances: count, since, version: to });
  });

  test('revives the old ones when the new one fails', async () => {
    const impatient = { ready: { ...health.ready, timeout: '500ms', within: '1s' } };
    const { from } = await begin({ ...recreate, health: impatient });
    const since = Date.now();
    await releaseTo(stage, { versions: { api: 'never' } }, 'failed');
    await expectSettled({ ...stage, instances: count, since, version: from });
  });

  test('goes on where it stood when its worker dies between stop and start', async () => {
    const { to } = await begin(recreate);
    const since = Date.now();
    const point: CrashPoint = { kind: 'effect', id: 'launch.create', when: 'before', way: 'forward' };
    arm(stage.crashes, point);
    const handle = await stage.release({ versions: { api: to } });
    await workerDies(stage, { point, release: handle });
    expect((await handle.result()).outcome).toBe('released');
    await expectSettled({ ...stage, instances: count, since, version: to });
  });
});

describe('canary', () => {
  const shareOf = async (version: string, { load, phase }: { load: Traffic; phase: string }): Promise<number> => {
    await load.mark(phase);
    const segment = async () => (await load.snapshot()).phases[phase]!;
    await waitFor({ what: '1,500 requests', within: 60_000, until: async () => (await segment()).requests >= 1500 });
    const { byVersion, requests } = await segment();
    return (byVersion[version] ?? 0) / requests;
  };

  test('gives the new version the share that was asked for, step by step, and leaves no canary behind', async () => {
    const { to } = await begin(canary({ weight: 10, approve: true }, { weight: 40, soak: '300ms', approve: true }));
    const load = await stage.load({ ratePerSecond: 600 });
    const since = Date.now();
    const handle = await stage.release({ versions: { api: to } });
    const shares: number[] = [];
    for (const phase of ['first', 'second']) {
      await untilWaiting(handle, 'approval');
      shares.push(await shareOf(to, { load, phase }));
      await handle.say('approve', { by: 'ana' });
    }
    expect((await handle.result()).outcome).toBe('released');
    console.log(
      `canary: asked for 10 % and 40 %, seen ${shares.map((one) => `${(one * 100).toFixed(1)} %`).join(' and ')}`,
    );
    expect(shares[0]).toBeCloseTo(0.1, 1);
    expect(Math.abs(shares[1]! - 0.4)).toBeLessThan(0.04);
    await expectEvenWeights();
    await settled(load, since, to);
  });

  test('soaks through a pause and the death of its worker, and goes back when it is told to', async () => {
    const { from, to } = await begin(canary({ weight: 20, soak: '1h' }));
    const load = await stage.load();
    const since = Date.now();
    const handle = await stage.release({ versions: { api: to } });
    await untilStep(handle, /soak\/step-1/, 'running');
    await handle.say('pause', { by: 'ana' });
    await untilRelease(handle, 'the pause', ({ paused }) => paused);
    await stage.worker().end('SIGKILL');
    await stage.startWorker();
    await handle.say('resume', { by: 'ana' });
    await handle.say('rollback', { by: 'ana' });
    expect((await handle.result()).outcome).toBe('rolled-back');
    await expectEvenWeights();
    await settled(load, since, from);
  });

  test('lets chosen clients alone meet the new version, who stay there until the old one is gone', async () => {
    const steps = [0, 20].map((weight) => ({ weight, approve: true }));
    const { from, to } = await begin({ health, strategy: { kind: 'canary', match, steps } });
    const load = await stage.load();
    const seen = new Set<string>();
    let over = false;
    const chosenClient = (async () => {
      while (!over) {
        const headers = { connection: 'close', 'x-beta': 'yes' };
        const answer = await fetch(`${stage.bed.haproxy.url('api')}/api/ping`, { headers });
        seen.add(((await answer.json()) as { version: string }).version);
      }
    })();
    const handle = await stage.release({ versions: { api: to } });
    const since = Date.now();
    await untilWaiting(handle, 'approval');
    seen.clear();
    await load.mark('chosen only');
    const others = async () => (await load.snapshot()).phases['chosen only']!;
    await waitFor({ what: '200 requests', until: async () => (await others()).requests >= 200 && seen.size > 0 });
    expect(Object.keys((await others()).byVersion)).toEqual([from]);
    await stage.worker().end('SIGKILL');
    await stage.startWorker();
    await stage.bed.haproxy.reload();
    await handle.say('approve', { by: 'ana' });
    await untilStep(handle, /approve\/step-2/, 'running');
    await handle.say('approve', { by: 'ana' });
    expect((await handle.result()).outcome).toBe('released');
    over = true;
    await chosenClient;
    expect([...seen]).toEqual([to]);
    expect(readFileSync(stage.bed.haproxy.mapPath, 'utf8')).not.toContain('.api');
    await expectEvenWeights();
    await settled(load, since, to);
  });

  test.each(chosen(canaryPoints, () => 'canary'))('goes on when its worker dies $when $id, $way', async (point) => {
    const back = point.way === 'undo';
    const { from, to } = await begin(canary({ weight: 20, approve: back }));
    const load = await stage.load();
    const since = Date.now();
    arm(stage.crashes, point);
    const handle = await stage.release({ versions: { api: to } });
    if (back) {
      await untilWaiting(handle, 'approval');
      await handle.say('reject', { by: 'ana' });
    }
    await workerDies(stage, { point, release: handle });
    expect((await handle.result()).outcome).toBe(back ? 'rejected' : 'released');
    await expectEvenWeights();
    await settled(load, since, back ? from : to);
  });
});

describe('blue-green', () => {
  const live = async (): Promise<string> => {
    const rows = (await stage.bed.haproxy.runtime(`show map ${stage.bed.haproxy.mapPath}`)).split('\n');
    return rows.map((row) => row.trim().split(' ')).find(([, key]) => key === 'pair')?.[2] ?? 'pair-blue';
  };
  const pairLoad = () => stage.load({ url: stage.bed.haproxy.url('pair'), ratePerSecond: 60 });

  /** Expects this version in the live set, and so many servers of each set in use. */
  async function expectServing({ version, warm = 0 }: { version: string; warm?: number }): Promise<void> {
    const set = await live();
    expect(readFileSync(stage.bed.haproxy.mapPath, 'utf8')).toBe(`pair ${set}\n`);
    const idle = set === 'pair-blue' ? 'pair-green' : 'pair-blue';
    expect(await versionsIn(stage.bed.haproxy, set)).toEqual(Array(count).fill(version));
    expect(await usedServers(stage.bed.haproxy, idle)).toHaveLength(warm);
    expect(await instancesOf(name)).toHaveLength(count + warm);
    const head = await ledgerOf(stage.platform).revision((await headOf(stage.platform))!);
    expect(head?.state).toBe('recorded');
  }

  /** Starts with one serving set, and an empty one. */
  async function beginWithPair(warm: string): Promise<Versions> {
    const versions = await begin(blueGreen('0s'), blueGreen('0s'));
    const isPair = (await usedServers(stage.bed.haproxy, await live())).length > 0;
    if (!isPair) await releaseTo(stage, { versions: { api: versions.from } });
    stage.platform.write({ service: blueGreen(warm) });
    await expectServing({ version: versions.from });
    return versions;
  }

  /** Sends one request after the other, each on a connection of its own, until stopped. */
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
    const { from, to } = await beginWithPair('0s');
    const load = await pairLoad();
    const order = inOrder();
    await releaseTo(stage, { versions: { api: to } });
    expect(await order.stop()).toEqual([from, to]);
    expectNoneFailed(await load.stop());
    await expectServing({ version: to });
  });

  test('goes back by one switch while the old set is warm', async () => {
    const { from, to } = await beginWithPair('1h');
    await releaseTo(stage, { versions: { api: to } });
    await expectServing({ version: to, warm: count });
    await releaseTo(stage, { versions: { api: to } }, 'unchanged');
    const before = (await instancesOf(name)).map(({ id }) => id);
    const load = await pairLoad();
    const order = inOrder();
    const idle = await live();
    const began = Date.now();
    const handle = await stage.platform.belay.rollback({ platform: name });
    await waitFor({ what: 'the old set in traffic', every: 10, until: async () => (await live()) !== idle });
    console.log(`blue-green: ${Date.now() - began} ms from the order to go back to the old set in traffic`);
    expect((await handle.result()).outcome).toBe('reverted');
    expect(await order.stop()).toEqual([to, from]);
    expectNoneFailed(await load.stop());
    await expectServing({ version: from });
    expect(before).toEqual(expect.arrayContaining((await instancesOf(name)).map(({ id }) => id)));
  });

  test('ends the warm set when its time is over, in a workflow of its own, whatever becomes of the worker', async () => {
    const { to } = await beginWithPair('1500ms');
    const load = await pairLoad();
    arm(stage.crashes, warmPoint);
    await releaseTo(stage, { versions: { api: to } });
    const revision = await headOf(stage.platform);
    await workerDies(stage, { point: warmPoint });
    const retirement = stage.platform.client.workflow.getHandle(
      `retire/${name}/api-r${revision}@${stage.platform.host}`,
    );
    expect(await retirement.result()).toMatchObject({ outcome: 'retired' });
    expectNoneFailed(await load.stop());
    await expectServing({ version: to });
  });

  test('switches back when a test fails after the switch, and never switches when one fails before', async () => {
    const { from } = await beginWithPair('1h');
    const load = await pairLoad();
    const order = inOrder();
    await releaseTo(stage, { versions: { api: 'smoke' } }, 'failed');
    expect(await order.stop()).toEqual([from, 'smoke', from]);
    stage.platform.write({
      service: { ...blueGreen('1h'), validate: [{ name: 'smoke', http: '/smoke', when: ['before'] }] },
    });
    const again = inOrder();
    await releaseTo(stage, { versions: { api: 'smoke' } }, 'failed');
    expect(await again.stop()).toEqual([from]);
    expectNoneFailed(await load.stop());
    await expectServing({ version: from });
  });

  test.each(chosen(switchPoints, () => 'switch'))('goes on when its worker dies $when $id, $way', async (point) => {
    const { from, to } = await beginWithPair('0s');
    const load = await pairLoad();
    arm(stage.crashes, point);
    const back = point.way === 'undo';
    const handle = await stage.release({ versions: { api: back ? 'smoke' : to } });
    await workerDies(stage, { point, release: handle });
    expect((await handle.result()).outcome).toBe(back ? 'failed' : 'released');
    expectNoneFailed(await load.stop());
    await expectServing({ version: back ? from : to });
  });
});
