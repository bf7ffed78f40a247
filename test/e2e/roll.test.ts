import type { Step } from '../../src/spec/plan';
import type { ReleaseRequest } from '../../src/spec/release-input';
import { docker, waitFor } from '../../testbed';
import { instancesOf } from './containers';
import { expectNoneFailed, expectSettled, headOf, ledgerOf } from './expect-settled';
import { untilStep, untilWaiting } from './progress';
import { releaseTo, type Stage, setStage, type Traffic } from './stage';

const name = 'e2eroll';
const smoke = { name: 'smoke', http: '/smoke' };
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    versions: [
      { tag: '1', env: { SHUTDOWN_MS: '50' } },
      { tag: '2', env: { SHUTDOWN_MS: '500' } },
      { tag: 'never', env: { NEVER_READY: '1' } },
      { tag: 'crash', env: { NEVER_READY: '1', CRASH_AFTER_MS: '400' } },
      { tag: 'smoke', env: { SMOKE_FAILS: '1' } },
    ],
    haproxy: {
      backends: [
        { name: 'api', slots: 8 },
        { name: 'second', slots: 4 },
      ],
    },
    platform: { name, instances: 3, firstPort: 20000 },
  });
}, 120_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

/** Three instances of version 1 and the bed's own spec, whatever ran before. */
async function fromVersionOne(): Promise<void> {
  stage.platform.write({ service: { strategy: { kind: 'rolling', surge: 3 } } });
  const result = await (await stage.release({ versions: { api: '1' } })).result();
  stage.platform.write({});
  expect(['released', 'unchanged']).toContain(result.outcome);
}

interface Under {
  request?: Omit<ReleaseRequest, 'platform'>;
  outcome?: Parameters<typeof releaseTo>[2];
  load?: Parameters<Stage['load']>[0];
}

/** A release under load. */
async function releaseUnderLoad({
  request = { versions: { api: '2' } },
  outcome,
  load: options,
}: Under): Promise<{ load: Traffic; since: number }> {
  const load = await stage.load(options);
  const since = Date.now();
  await releaseTo(stage, request, outcome);
  return { load, since };
}

const settled = async (
  { load, since }: { load: Traffic; since: number },
  more: Partial<Parameters<typeof expectSettled>[0]> = {},
) => expectSettled({ ...stage, instances: 3, since, report: await load.stop(), ...more });

const launched = (revision: number, count = 3) =>
  Array.from({ length: count }, (_, index) => `${name}-api-r${revision}-${index + 1}`);

test('releases for the first time, on a host where nothing runs', async () => {
  const since = Date.now();
  await releaseTo(stage, { versions: { api: '1' } });
  await expectSettled({ ...stage, instances: 3, since, version: '1', head: 1, created: launched(1) });
});

test('loses no request of keep-alive clients, in 20,000 and more', async () => {
  await fromVersionOne();
  const { load, since } = await releaseUnderLoad({ load: { ratePerSecond: undefined } });
  await waitFor({
    what: '20,000 requests',
    until: async () => (await load.snapshot()).requests >= 20_000,
    within: 60_000,
  });
  const report = await load.stop();
  console.log(
    `v1 to v2, keep-alive: ${report.failed} of ${report.requests} failed, slowest ${report.max.toFixed(0)} ms`,
  );
  expect(report.byVersion).toEqual({ '1': expect.any(Number), '2': expect.any(Number) });
  await settled({ load, since }, { version: '2', created: launched((await headOf(stage.platform))!) });
}, 90_000);

test.each([
  ['GET and POST', { method: 'mixed', ratePerSecond: 800 }],
  ['a new connection each', { keepAlive: false, ratePerSecond: 400 }],
] as const)('loses no request: %s', async (what, options) => {
  await fromVersionOne();
  const under = await releaseUnderLoad({ load: options });
  const report = await under.load.stop();
  console.log(`v1 to v2, ${what}: ${report.failed} of ${report.requests} failed`);
  await settled(under, { version: '2' });
});

test('does nothing where everything is as desired', async () => {
  await fromVersionOne();
  const before = await instancesOf(name);
  const since = Date.now();
  await releaseTo(stage, { versions: { api: '1' } }, 'unchanged');
  const events = await docker([
    'events',
    '--since',
    `${since / 1000}`,
    '--until',
    `${Date.now() / 1000}`,
    '--filter',
    'type=container',
    '--filter',
    `label=belay.platform=${name}`,
  ]);
  expect(events).toBe('');
  expect(await instancesOf(name)).toEqual(before);
  await expectSettled({ ...stage, instances: 3, since, created: [] });
});

test('scales out and in, and leaves alone what is right already', async () => {
  await fromVersionOne();
  const before = await instancesOf(name);
  const load = await stage.load();
  const since = Date.now();
  await releaseTo(stage, { versions: { api: '1' }, instances: { api: 5 } });
  const five = await instancesOf(name);
  expect(five.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
  await expectSettled({ ...stage, instances: 5, since, version: '1' });
  await releaseTo(stage, { versions: { api: '1' }, instances: { api: 2 } });
  const two = await instancesOf(name);
  expect(five.map(({ id }) => id)).toEqual(expect.arrayContaining(two.map(({ id }) => id)));
  await settled({ load, since }, { instances: 2, version: '1' });
});

test('releases a change of the environment alone', async () => {
  await fromVersionOne();
  stage.platform.write({ service: { env: { COLOUR: 'blue' } } });
  const under = await releaseUnderLoad({ request: { versions: { api: '1' } } });
  await settled(under, { version: '1', created: launched((await headOf(stage.platform))!) });
  const env = await docker(['inspect', '--format', '{{.Config.Env}}', ...launched((await headOf(stage.platform))!)]);
  expect(env.match(/COLOUR=blue/g)).toHaveLength(3);
});

test('takes a route more, and gives it up again', async () => {
  await fromVersionOne();
  const routes = ['api', 'second'].map((backend) => ({ proxy: 'edge', backend, port: 8080 }));
  stage.platform.write({ service: { routes } });
  const load = await stage.load();
  await releaseTo(stage, { versions: { api: '2' } });
  const { bed } = stage;
  const second = await Promise.all([1, 2, 3].map(() => fetch(`${bed.haproxy.url('second')}/api/ping`)));
  expect(second.map(({ status }) => status)).toEqual([200, 200, 200]);
  await releaseTo(stage, { versions: { api: '2' } }, 'unchanged');
  stage.platform.write({ service: { routes: routes.slice(1) } });
  await load.stop();
  const moved = await stage.load({ url: bed.haproxy.url('second') });
  await releaseTo(stage, { versions: { api: '2' } });
  expectNoneFailed(await moved.stop());
  expectNoneFailed(await load.stop());
  stage.platform.write({});
  const since = Date.now();
  await releaseTo(stage, { versions: { api: '2' } });
  await expectSettled({ ...stage, instances: 3, since, version: '2' });
});

test('goes back in the middle, when somebody says so', async () => {
  await fromVersionOne();
  const head = await headOf(stage.platform);
  const load = await stage.load();
  const since = Date.now();
  const release = await stage.release({ versions: { api: '2' } });
  await untilStep(release, /retire\//, 'done');
  await release.say('rollback', { by: 'tester' });
  expect(await release.result()).toMatchObject({ outcome: 'rolled-back' });
  await settled({ load, since }, { version: '1', head });
});

test('goes back when a new instance never becomes ready', async () => {
  await fromVersionOne();
  stage.platform.write({ service: { health: { ready: { http: '/ready', every: '250ms', within: '2s' } } } });
  const under = await releaseUnderLoad({ request: { versions: { api: 'never' } }, outcome: 'failed' });
  await settled(under, { version: '1' });
});

test('goes back when nothing listens at the port of a route', async () => {
  await fromVersionOne();
  const before = (await headOf(stage.platform))!;
  const routes = [{ proxy: 'edge', backend: 'api', port: 9090 }];
  const health = { ready: { http: '/ready', port: 8080, json: { ready: true }, every: '250ms', within: '2s' } };
  stage.platform.write({ service: { routes, health } });
  const load = await stage.load();
  const since = Date.now();
  const { cause } = await releaseTo(stage, { versions: { api: '1' } }, 'failed');
  expect(cause).toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('port 9090, to which a route leads: accepted and closed at once'),
  });
  stage.platform.write({});
  await settled({ load, since }, { version: '1', head: before });
});

test('goes back from its very end when a smoke test fails', async () => {
  await fromVersionOne();
  const head = await headOf(stage.platform);
  stage.platform.write({ service: { validate: [smoke] } });
  const load = await stage.load();
  const since = Date.now();
  const result = await releaseTo(stage, { versions: { api: 'smoke' } }, 'failed');
  expect(result.cause).toMatchObject({ code: 'smoke-failed', step: 'api/validate/after/smoke' });
  await settled({ load, since }, { version: '1', head });
});

test('launches as many at once as surge allows', async () => {
  await fromVersionOne();
  stage.platform.write({ service: { strategy: { kind: 'rolling', surge: 3 } } });
  const under = await releaseUnderLoad({});
  await settled(under, { version: '2' });
});

test('never exceeds the number of instances with surge 0', async () => {
  await fromVersionOne();
  stage.platform.write({ service: { strategy: { kind: 'rolling', surge: 0, unavailable: 1 } } });
  const load = await stage.load();
  const since = Date.now();
  const release = await stage.release({ versions: { api: '2' } });
  const most = await mostInstancesDuring(release.result());
  expect(most).toBeLessThanOrEqual(4); // One that is drained and stops may still be there.
  await settled({ load, since }, { version: '2' });
});

async function mostInstancesDuring(end: Promise<unknown>): Promise<number> {
  let ended = false;
  let most = 0;
  const watch = (async () => {
    while (!ended)
      most = Math.max(
        most,
        (await docker(['ps', '-q', '--filter', `label=belay.platform=${name}`])).split('\n').length,
      );
  })();
  await end.finally(() => {
    ended = true;
  });
  await watch;
  return most;
}

test.each([
  ['approve', 'released', '2'],
  ['reject', 'rejected', '1'],
] as const)('waits after the first instance: %s', async (said, outcome, version) => {
  await fromVersionOne();
  stage.platform.write({ service: { strategy: { kind: 'rolling', pause_after: 1 } } });
  const load = await stage.load();
  const since = Date.now();
  const release = await stage.release({ versions: { api: '2' } });
  const { steps, plan } = await untilWaiting(release, 'approval');
  const done = plan!.steps.filter((step: Step) => step.kind === 'swap' && steps[step.id]?.state === 'done');
  expect(done).toHaveLength(1);
  await release.say(said, { by: 'approver' });
  expect(await release.result()).toMatchObject({ outcome });
  await settled({ load, since }, { version });
});

test('tells at once why a new instance has exited', async () => {
  await fromVersionOne();
  const under = await releaseUnderLoad({ request: { versions: { api: '1' } }, outcome: 'unchanged' });
  const began = Date.now();
  const result = await releaseTo(stage, { versions: { api: 'crash' } }, 'failed');
  expect(result.cause).toMatchObject({
    code: 'instance-exited',
    message: expect.stringMatching(/exited with code 3.*started version crash/),
  });
  expect(Date.now() - began).toBeLessThan(7_000);
  await settled(under, { version: '1' });
});

test('keeps in the ledger how each retired instance ended', async () => {
  await fromVersionOne();
  await releaseTo(stage, { versions: { api: '2' } });
  const since = Date.now();
  const slow = (await headOf(stage.platform))!;
  await releaseTo(stage, { versions: { api: '1' } });
  const { results } = (await ledgerOf(stage.platform).revision(slow))!;
  expect([...results!].sort((a, b) => (a.instance < b.instance ? -1 : 1))).toEqual(
    launched(slow).map((instance) => ({ instance, exitCode: 0, killed: false, seconds: expect.any(Number) })),
  );
  for (const { seconds } of results!) expect(seconds).toBeGreaterThan(0.4);
  await expectSettled({ ...stage, instances: 3, since, version: '1' });
});

test('goes back to the former revision, and forward again, while the registry is down', async () => {
  await fromVersionOne();
  await releaseTo(stage, { versions: { api: '2' } });
  await stage.bed.registry.stop();
  const load = await stage.load();
  const since = Date.now();
  const back = await stage.platform.belay.rollback({
    platform: name,
    by: 'tester',
    reason: 'the registry is down too',
  });
  expect(await back.result()).toMatchObject({ outcome: 'released' });
  await expectSettled({ ...stage, instances: 3, since, version: '1' });
  await releaseTo(stage, { versions: { api: stage.bed.images['2']!.digest } });
  await settled({ load, since }, { version: '2' });
});
