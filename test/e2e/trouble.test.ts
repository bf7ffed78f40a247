import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseHandle } from '../../src/client';
import type { ReleaseResult } from '../../src/model/status';
import { docker } from '../../testbed';
import { chosen } from './chosen';
import { instancesOf } from './containers';
import { type EngineSocket, startEngineSocket } from './engine-socket';
import { expectSettled, headOf } from './expect-settled';
import { untilRelease, untilStep, untilWaiting } from './progress';
import {
  earlyChecks,
  quickly,
  releaseTo,
  type Service,
  type Stage,
  setStage,
  type Traffic,
  type Versions,
  versionsAt,
} from './stage';

const name = 'e2etrouble';
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    versions: [
      { tag: '1' },
      { tag: '2' },
      { tag: 'slow', env: { SHUTDOWN_MS: '2000' } },
      { tag: 'never', env: { NEVER_READY: '1' } },
    ],
    haproxy: { options: earlyChecks },
    platform: { name, instances: 3, firstPort: 20200 },
  });
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

interface Begun extends Versions {
  release: ReleaseHandle;
  load: Traffic;
  since: number;
  /** The revision before, and the one to come. */
  before: number;
  next: number;
}

/** Starts with one version under load, and begins the release of the other one. */
async function begin(service: Service = {}): Promise<Begun> {
  const versions = await versionsAt(stage, { count: 3 });
  stage.platform.write({ service });
  const before = (await headOf(stage.platform))!;
  const load = await stage.load();
  const since = Date.now();
  const release = await stage.release({ versions: { api: versions.to } });
  const { plan } = await untilStep(release, /claim/, 'done');
  return { ...versions, release, load, since, before, next: plan!.services[0]!.to.revision };
}

async function ends(begun: Begun, outcome: ReleaseResult['outcome'], { counted = true } = {}): Promise<ReleaseResult> {
  const result = await begun.release.result();
  expect({ outcome: result.outcome, cause: outcome === 'released' ? result.cause : undefined }).toEqual({
    outcome,
    cause: undefined,
  });
  const report = await begun.load.stop();
  const back = outcome !== 'released';
  const end = back ? { version: begun.from, head: begun.before } : { version: begun.to, head: begun.next };
  if (!counted)
    console.log(
      `${expect.getState().currentTestName}: ${report.failed} of ${report.requests} failed, slowest ${report.max.toFixed(0)} ms`,
      report.failures.slice(0, 3),
    );
  await expectSettled({ ...stage, instances: 3, since: begun.since, ...end, report: counted ? report : undefined });
  return result;
}

const first = ({ next }: Begun) => `${name}-api-r${next}-1`;

test('a new instance that is killed just after it was admitted turns the release back', async () => {
  const begun = await begin();
  await untilStep(begun.release, /\/swap\/.*-1$/, 'done');
  await docker(['kill', first(begun)]);
  const { cause } = await ends(begun, 'failed');
  expect(cause?.code).toMatch(/instance-lost|instance-exited/);
});

test('a new instance that dies while an approval is awaited is noticed', async () => {
  const begun = await begin({ strategy: { kind: 'rolling', pause_after: 1 } });
  await untilWaiting(begun.release, 'approval');
  await docker(['kill', first(begun)]);
  const { cause } = await ends(begun, 'failed');
  expect(cause).toMatchObject({ code: 'instance-lost', step: 'api/validate/up' });
});

test('the same, held by policy until somebody says what to do', async () => {
  const begun = await begin({ strategy: { kind: 'rolling', pause_after: 1 }, on_failure: 'hold' });
  await untilWaiting(begun.release, 'approval');
  await docker(['kill', first(begun)]);
  const { phase, cause } = await untilWaiting(begun.release, 'held');
  expect({ phase, code: cause?.code }).toEqual({ phase: 'held', code: 'instance-lost' });
  await begun.release.say('rollback', { by: 'on-call' });
  await ends(begun, 'rolled-back');
});

test('a new instance that somebody has removed is launched again by a retry', async () => {
  const begun = await begin({ strategy: { kind: 'rolling', pause_after: 1 }, on_failure: 'hold' });
  await untilWaiting(begun.release, 'approval');
  await docker(['rm', '--force', first(begun)]);
  const { cause } = await untilWaiting(begun.release, 'held');
  expect(cause).toMatchObject({ code: 'instance-lost', gone: first(begun) });
  await expect(begun.release.say('skip', { by: 'on-call' })).rejects.toMatchObject({
    message: expect.stringMatching(/is gone, and the release needs it: belay retry starts it again/),
  });
  await begun.release.say('retry', { by: 'on-call' });
  await begun.release.say('approve', { by: 'on-call' });
  expect(await begun.release.result()).toMatchObject({ outcome: 'released' });
  // Requests in flight were lost with the container.
  await begun.load.stop();
  const running = await instancesOf(name);
  expect(running.map((one) => `${one.name} ${one.state}`)).toEqual(
    [1, 2, 3].map((n) => `${name}-api-r${begun.next}-${n} running`),
  );
});

test('a new instance that is no longer live leaves traffic, and turns the release back', async () => {
  const ready = { http: '/ready', every: '100ms', healthy: 1 };
  const live = { http: '/live', every: '200ms', failures: 2 };
  const begun = await begin({ strategy: { kind: 'rolling', pause_after: 1 }, health: { ready, live } });
  await untilWaiting(begun.release, 'approval');
  const ill = (await instancesOf(name)).find((one) => one.name === first(begun))!;
  await fetch(`http://127.0.0.1:${ill.port}/ill`, { method: 'POST', headers: { connection: 'close' } });
  const { cause } = await ends(begun, 'failed');
  expect(cause).toMatchObject({ code: 'not-live', step: 'api/validate/up' });
  expect(cause?.message).toContain('failed health.live 2 times in a row: answered 503, not 200; it is out of traffic');
});

test('the same, held: nothing else begins, and a retry brings the instance back once it is well', async () => {
  const ready = { http: '/ready', every: '100ms', healthy: 1 };
  const live = { http: '/live', every: '200ms', failures: 2 };
  const strategy = { kind: 'rolling', pause_after: 1 };
  const begun = await begin({ strategy, health: { ready, live }, on_failure: 'hold' });
  await untilWaiting(begun.release, 'approval');
  const { port } = (await instancesOf(name)).find((one) => one.name === first(begun))!;
  const say = (word: string) =>
    fetch(`http://127.0.0.1:${port}/${word}`, { method: 'POST', headers: { connection: 'close' } });
  await say('ill');
  await untilWaiting(begun.release, 'held');
  await begun.release.say('approve', { by: 'on-call' });
  const { steps } = await untilRelease(begun.release, 'approved', (status) =>
    Object.entries(status.steps).some(([id, { state }]) => id.includes('/approve') && state === 'done'),
  );
  expect(Object.keys(steps).filter((id) => /launch\/.*-2$/.test(id))).toEqual([]);
  await say('well');
  await begun.release.say('retry', { by: 'on-call' });
  await ends(begun, 'released');
});

test('two releases at once: one runs, the other one is told who holds the service', async () => {
  const begun = await begin();
  await untilStep(begun.release, /claim/, 'done');
  const other = await stage.release({ versions: { api: begun.to }, reason: 'the other one' });
  await expect(other.result()).rejects.toMatchObject({
    code: 'held-by-another',
    message: expect.stringContaining(begun.release.workflowId),
  });
  await ends(begun, 'released');
});

test('a cancelled workflow goes back first', async () => {
  const begun = await begin();
  await untilStep(begun.release, /retire\//, 'running');
  await begun.release.cancel();
  await ends(begun, 'cancelled');
});

const halfway = [
  ['launching', /\/launch\/.*-2$/],
  ['swapping', /\/swap\/.*-2$/],
  ['retiring', /\/retire\/.*-1$/],
] as const;

test.each(chosen([...halfway], () => 'halfway'))(
  'a release that was terminated halfway, while it was %s, is finished by the next one',
  async (_what, step) => {
    const begun = await begin();
    await untilStep(begun.release, step, 'running');
    await stage.platform.client.workflow.getHandle(begun.release.workflowId).terminate('by the test');
    const again = await stage.release({ versions: { api: begun.to } });
    await ends({ ...begun, release: again, next: begun.next + 1 }, 'released');
  },
);

test('and by one that goes back, though an instance that it needs is stopping', async () => {
  stage.platform.write({ service: quickly });
  await releaseTo(stage, { versions: { api: 'slow' } });
  const begun = await begin();
  await untilStep(begun.release, /\/retire\/.*-1$/, 'running');
  await stage.platform.client.workflow.getHandle(begun.release.workflowId).terminate('by the test');
  expect(await (await stage.release({ versions: { api: 'slow' } })).result()).toMatchObject({ outcome: 'released' });
  await expectSettled({ ...stage, instances: 3, since: begun.since, version: 'slow', report: await begun.load.stop() });
});

test('and a rollback undoes it, even when another release has failed since', async () => {
  const begun = await begin({ health: { ready: { http: '/ready', every: '250ms', within: '2s' } } });
  await untilStep(begun.release, /\/swap\/.*-2$/, 'running');
  await stage.platform.client.workflow.getHandle(begun.release.workflowId).terminate('by the test');
  expect(await (await stage.release({ versions: { api: 'never' } })).result()).toMatchObject({ outcome: 'failed' });
  expect(await (await stage.platform.belay.rollback({ platform: name })).result()).toMatchObject({
    outcome: 'reverted',
  });
  await expectSettled({
    ...stage,
    instances: 3,
    since: begun.since,
    version: begun.from,
    report: await begun.load.stop(),
  });
});

test('HAProxy is reloaded in the middle', async () => {
  const begun = await begin();
  await untilStep(begun.release, /\/swap\/.*-1$/, 'done');
  await stage.bed.haproxy.reload();
  await ends(begun, 'released');
});

test('HAProxy is killed and started again in the middle', async () => {
  const begun = await begin();
  await untilStep(begun.release, /\/swap\/.*-2$/, 'running');
  await stage.bed.haproxy.kill();
  await stage.bed.haproxy.restart();
  await ends(begun, 'released', { counted: false });
});

test("Temporal's server is killed and started again in the middle", async () => {
  const begun = await begin();
  await untilStep(begun.release, /\/swap\/.*-1$/, 'done');
  await stage.bed.temporal.kill();
  await sleep(500);
  await stage.bed.temporal.restart();
  await ends({ ...begun, release: stage.platform.belay.get(begun.release.workflowId) }, 'released');
}, 270_000);

test('a worker that was stopped for longer than it may be silent comes back beside another', async () => {
  const begun = await begin();
  const sleeper = stage.worker();
  await untilStep(begun.release, /\/launch\/.*-2$/, 'running');
  process.kill(sleeper.pid, 'SIGSTOP');
  const second = await stage.startWorker();
  await sleep(4_000);
  process.kill(sleeper.pid, 'SIGCONT');
  await ends(begun, 'released');
  await sleeper.stop();
  expect(second.isAlive()).toBe(true);
}, 360_000);

describe("with a socket of the test's own between worker and engine", () => {
  let socket: EngineSocket;

  beforeAll(async () => {
    socket = await startEngineSocket(join(stage.bed.dir, 'engine.sock'));
    await stage.worker().stop();
    await stage.startWorker({ env: { DOCKER_HOST: socket.host } });
  }, 180_000);

  afterAll(async () => {
    await stage.worker().stop();
    await socket?.stop();
  });

  const orders = [
    ['create', /^POST .*\/containers\/create/],
    ['start', /^POST .*\/containers\/[^/]+\/start/],
    ['signal', /^POST .*\/containers\/[^/]+\/kill/],
    ['remove', /^DELETE .*\/containers\//],
  ] as const;

  test.each(chosen([...orders], () => 'orders'))(
    "the engine's reply to %s is lost after it has acted",
    async (_what, matches) => {
      const begun = await begin();
      socket.swallow(matches);
      await ends(begun, 'released');
      expect(socket.swallowed).toHaveLength(1);
    },
    90_000,
  );

  test('what a terminated release had asked of the engine happens while the next one is planned', async () => {
    const begun = await begin();
    await untilStep(begun.release, /\/swap\/.*-1$/, 'running');
    const { held, go } = socket.hold(/^POST .*\/containers\/create/);
    await held;
    await stage.platform.client.workflow.getHandle(begun.release.workflowId).terminate('by the test');
    const again = await stage.release({ versions: { api: begun.to } });
    await sleep(1_500);
    go();
    await ends({ ...begun, release: again, next: begun.next + 1 }, 'released');
  }, 270_000);
});
