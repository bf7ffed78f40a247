import type { Step } from '../../src/model/plan';
import { docker } from '../../testbed';
import { belay } from './command';
import { eventsOf, instancesOf } from './containers';
import { expectNoneFailed, expectSettled, headOf, ledgerOf } from './expect-settled';
import { untilStep, untilWaiting } from './progress';
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

const name = 'e2eroll';
/** Tests that do not watch the order replace all instances together. */
const together = { strategy: quickly.strategy };
const smoke = { name: 'smoke', http: '/smoke' };
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    versions: [
      { tag: '1', env: { SHUTDOWN_MS: '50' } },
      { tag: '2', env: { SHUTDOWN_MS: '50' } },
      { tag: 'slow', env: { SHUTDOWN_MS: '500' } },
      { tag: 'never', env: { NEVER_READY: '1' } },
      { tag: 'crash', env: { NEVER_READY: '1', CRASH_AFTER_MS: '400' } },
      { tag: 'smoke', env: { SMOKE_FAILS: '1' } },
    ],
    haproxy: {
      backends: [
        { name: 'api', slots: 8 },
        { name: 'second', slots: 4 },
      ],
      options: earlyChecks,
    },
    platform: { name, instances: 3, firstPort: 20000 },
  });
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

/** The next release has this service; it leads from what runs to the other version. */
async function begin(service: Service = {}): Promise<Versions> {
  const versions = await versionsAt(stage, { count: 3 });
  stage.platform.write({ service });
  return versions;
}

/** Ensures that the host runs what the bed's own spec asks for, and returns its version. */
async function settle(): Promise<string> {
  const { from } = await begin();
  const { outcome } = await (await stage.release({ versions: { api: from } })).result();
  expect(['released', 'unchanged']).toContain(outcome);
  return from;
}

interface Under {
  to: string;
  outcome?: Parameters<typeof releaseTo>[2];
  load?: Parameters<Stage['load']>[0];
}

/** A release under load. */
async function releaseUnderLoad({ to, outcome, load: options }: Under): Promise<{ load: Traffic; since: number }> {
  const load = await stage.load(options);
  const since = Date.now();
  await releaseTo(stage, { versions: { api: to } }, outcome);
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

test.each([
  ['GET and POST', { method: 'mixed', ratePerSecond: 300 }],
  ['a new connection each', { keepAlive: false, ratePerSecond: 200 }],
] as const)('loses no request: %s', async (what, options) => {
  const { from, to } = await begin();
  const under = await releaseUnderLoad({ to, load: options });
  const report = await under.load.stop();
  console.log(`v${from} to v${to}, ${what}: ${report.failed} of ${report.requests} failed`);
  await settled(under, { version: to });
});

const told: Service = { version: { http: '/api/ping', json: 'version' } };

test('asks HAProxy for the version: for a share of its answers, and for all of them in the end', async () => {
  const { from, to } = await begin({ ...told, strategy: { kind: 'canary', steps: [{ weight: 40 }] } });
  const handle = await stage.release({ versions: { api: to } });
  expect((await handle.result()).outcome).toBe('released');
  const { steps, plan } = await handle.status();
  expect(plan?.notices).toEqual([]);
  expect(steps['api/validate/told/step-1']?.note).toMatch(new RegExp(`^127.0.0.1:\\d+: (\\d+ × ${from}, )?1 × ${to}$`));
  expect(steps['api/validate/told']?.note).toMatch(new RegExp(`^127.0.0.1:\\d+: 20 × ${to}$`));
});

test('says of a new tag of the image that runs that its version stays the former one', async () => {
  const { from } = await begin(told);
  const { ref } = stage.bed.images[from]!;
  const other = ref.replace(/:[^:]+$/, ':again');
  await docker(['pull', ref]);
  await docker(['tag', ref, other]);
  await docker(['push', other]);
  await docker(['rmi', ref, other]);
  const handle = await stage.release({ versions: { api: 'again' } });
  const { outcome } = await handle.result();
  expect({ outcome, notices: (await handle.status()).plan?.notices }).toEqual({
    outcome: 'unchanged',
    notices: [
      `api: ${other} is the image that runs already as ${ref}: there is nothing to do, and the version that it tells stays ${from}`,
    ],
  });
});

test('does nothing where everything is as desired', async () => {
  const version = await settle();
  const before = await instancesOf(name);
  const since = Date.now();
  await releaseTo(stage, { versions: { api: version } }, 'unchanged');
  expect(await eventsOf([`label=belay.platform=${name}`], { since })).toEqual([]);
  expect(await instancesOf(name)).toEqual(before);
  await expectSettled({ ...stage, instances: 3, since, created: [] });
});

test('tells first of all that an instance was removed by hand, and brings it back', async () => {
  const version = await settle();
  const notices = async () => {
    const dry = await stage.release({ versions: { api: version }, dry_run: true });
    return (await dry.result()).plan!.notices;
  };
  expect(await notices()).toEqual([]);
  const since = Date.now();
  const [gone] = await instancesOf(name);
  await docker(['rm', '--force', gone!.name]);
  expect((await belay(stage, 'status')).out).toMatch(
    /^! api: only 2 of the 3 instances of revision \d+ run; belay restart --service api .*\n\nrelease of /,
  );
  expect(await notices()).toEqual([
    expect.stringMatching(/^api: only 2 of the 3 instances of revision \d+ run; this brings back what is missing$/),
  ]);
  await releaseTo(stage, { versions: { api: version } });
  expect(await notices()).toEqual([]);
  await expectSettled({ ...stage, instances: 3, since, version });
});

test('scales out and in, and leaves alone what is right already', async () => {
  const version = await settle();
  const before = await instancesOf(name);
  const load = await stage.load();
  const since = Date.now();
  await releaseTo(stage, { versions: { api: version }, instances: { api: 5 } });
  const five = await instancesOf(name);
  expect(five.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
  await expectSettled({ ...stage, instances: 5, since, version });
  await releaseTo(stage, { versions: { api: version }, instances: { api: 2 } });
  const two = await instancesOf(name);
  expect(five.map(({ id }) => id)).toEqual(expect.arrayContaining(two.map(({ id }) => id)));
  await settled({ load, since }, { instances: 2, version });
});

test('releases a change of the environment alone', async () => {
  const { from } = await begin({ env: { COLOUR: 'blue' }, ...together });
  const under = await releaseUnderLoad({ to: from });
  await settled(under, { version: from, created: launched((await headOf(stage.platform))!) });
  const env = await docker(['inspect', '--format', '{{.Config.Env}}', ...launched((await headOf(stage.platform))!)]);
  expect(env.match(/COLOUR=blue/g)).toHaveLength(3);
});

test('takes a route more, and gives it up again', async () => {
  const routes = ['api', 'second'].map((backend) => ({ proxy: 'edge', backend, port: 8080 }));
  const { to } = await begin({ routes, ...together });
  const load = await stage.load();
  await releaseTo(stage, { versions: { api: to } });
  const { bed } = stage;
  const second = await Promise.all([1, 2, 3].map(() => fetch(`${bed.haproxy.url('second')}/api/ping`)));
  expect(second.map(({ status }) => status)).toEqual([200, 200, 200]);
  await releaseTo(stage, { versions: { api: to } }, 'unchanged');
  stage.platform.write({ service: { routes: routes.slice(1), ...together } });
  await load.stop();
  const moved = await stage.load({ url: bed.haproxy.url('second') });
  await releaseTo(stage, { versions: { api: to } });
  expectNoneFailed(await moved.stop());
  expectNoneFailed(await load.stop());
  stage.platform.write({ service: together });
  const since = Date.now();
  await releaseTo(stage, { versions: { api: to } });
  await expectSettled({ ...stage, instances: 3, since, version: to });
});

test('goes back in the middle, when somebody says so', async () => {
  // An instance that is asked to stop before it listens to that has to be killed.
  const { from, to } = await begin({ stop: { grace: '3s' } });
  const head = await headOf(stage.platform);
  const load = await stage.load();
  const since = Date.now();
  const release = await stage.release({ versions: { api: to } });
  await untilStep(release, /retire\//, 'done');
  await release.say('rollback', { by: 'tester' });
  expect(await release.result()).toMatchObject({ outcome: 'rolled-back' });
  await settled({ load, since }, { version: from, head });
});

test('goes back when a new instance never becomes ready', async () => {
  const { from } = await begin({ health: { ready: { http: '/ready', every: '250ms', within: '2s' } } });
  const under = await releaseUnderLoad({ to: 'never', outcome: 'failed' });
  await settled(under, { version: from });
});

test('goes back when nothing listens at the port of a route', async () => {
  const routes = [{ proxy: 'edge', backend: 'api', port: 9090 }];
  const health = { ready: { http: '/ready', port: 8080, json: { ready: true }, every: '250ms', within: '2s' } };
  const { from } = await begin({ routes, health });
  const before = (await headOf(stage.platform))!;
  const load = await stage.load();
  const since = Date.now();
  const { cause } = await releaseTo(stage, { versions: { api: from } }, 'failed');
  expect(cause).toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('port 9090 of a route: accepted and closed at once'),
  });
  stage.platform.write({});
  await settled({ load, since }, { version: from, head: before });
});

test('goes back from its very end when a test fails', async () => {
  const { from } = await begin({ validate: [smoke] });
  const head = await headOf(stage.platform);
  const load = await stage.load();
  const since = Date.now();
  const result = await releaseTo(stage, { versions: { api: 'smoke' } }, 'failed');
  expect(result.cause).toMatchObject({ code: 'smoke-failed', step: 'api/validate/after/smoke' });
  await settled({ load, since }, { version: from, head });
});

test('launches as many at once as surge allows', async () => {
  const { to } = await begin({ strategy: { kind: 'rolling', surge: 3 } });
  const under = await releaseUnderLoad({ to });
  await settled(under, { version: to });
});

test('never exceeds the number of instances with surge 0', async () => {
  const { to } = await begin({ strategy: { kind: 'rolling', surge: 0, unavailable: 1 } });
  const load = await stage.load();
  const since = Date.now();
  const release = await stage.release({ versions: { api: to } });
  const most = await mostInstancesDuring(release.result());
  expect(most).toBeLessThanOrEqual(4); // A drained instance that stops may still be there.
  await settled({ load, since }, { version: to });
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
  ['approve', 'released', 'to'],
  ['reject', 'rejected', 'from'],
] as const)('waits after the first instance: %s', async (said, outcome, end) => {
  const versions = await begin({ strategy: { kind: 'rolling', pause_after: 1 } });
  const load = await stage.load();
  const since = Date.now();
  const release = await stage.release({ versions: { api: versions.to } });
  const { steps, plan } = await untilWaiting(release, 'approval');
  const done = plan!.steps.filter((step: Step) => step.kind === 'swap' && steps[step.id]?.state === 'done');
  expect(done).toHaveLength(1);
  await release.say(said, { by: 'approver' });
  expect(await release.result()).toMatchObject({ outcome });
  await settled({ load, since }, { version: versions[end] });
});

test('tells at once why a new instance has exited', async () => {
  const version = await settle();
  const under = await releaseUnderLoad({ to: version, outcome: 'unchanged' });
  const began = Date.now();
  const result = await releaseTo(stage, { versions: { api: 'crash' } }, 'failed');
  expect(result.cause).toMatchObject({
    code: 'instance-exited',
    message: expect.stringMatching(/exited with code 3.*started version crash/),
  });
  expect(Date.now() - began).toBeLessThan(7_000);
  await settled(under, { version });
});

test('keeps in the ledger how each retired instance ended', async () => {
  const { to } = await begin(together);
  await releaseTo(stage, { versions: { api: 'slow' } });
  const since = Date.now();
  const slow = (await headOf(stage.platform))!;
  await releaseTo(stage, { versions: { api: to } });
  const { results } = (await ledgerOf(stage.platform).revision(slow))!;
  expect([...results!].sort((a, b) => (a.instance < b.instance ? -1 : 1))).toEqual(
    launched(slow).map((instance) => ({ instance, exitCode: 0, killed: false, seconds: expect.any(Number) })),
  );
  for (const { seconds } of results!) expect(seconds).toBeGreaterThan(0.4);
  await expectSettled({ ...stage, instances: 3, since, version: to });
});

test('goes back to the former revision, and forward again, while the registry is down', async () => {
  const { from, to } = await begin(together);
  await releaseTo(stage, { versions: { api: to } });
  await stage.bed.registry.stop();
  const load = await stage.load();
  const since = Date.now();
  const back = await stage.platform.belay.rollback({
    platform: name,
    by: 'tester',
    reason: 'the registry is down too',
  });
  expect(await back.result()).toMatchObject({ outcome: 'reverted' });
  await expectSettled({ ...stage, instances: 3, since, version: from });
  await releaseTo(stage, { versions: { api: stage.bed.images[to]!.digest } });
  await settled({ load, since }, { version: to });
});
