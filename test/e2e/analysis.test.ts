import type { ReleaseHandle } from '../../src/client';
import { type Prometheus, startPrometheus } from '../../testbed/prometheus';
import { belay } from './command';
import { instancesOf } from './containers';
import { expectSettled, headOf } from './expect-settled';
import { untilStep, untilWaiting } from './progress';
import { earlyChecks, quickly, releaseTo, type Service, type Stage, setStage, versionsAt } from './stage';

const name = 'e2eanalysis';
const instances = 2;
const work = { WORK_MS: '100' };
let stage: Stage;
let prometheus: Prometheus;

/** Prometheus finds the instances by Belay's labels, as on any Docker host. */
const scrapes = `
  - job_name: app
    scrape_interval: 500ms
    scrape_timeout: 400ms
    docker_sd_configs: [{ host: "unix:///var/run/docker.sock", refresh_interval: 1s }]
    relabel_configs:
      - { source_labels: [__meta_docker_container_label_belay_platform], regex: ${name}, action: keep }
      - { source_labels: [__meta_docker_port_public], regex: (.+), target_label: __address__, replacement: "127.0.0.1:$1" }
      - { source_labels: [__meta_docker_container_name], regex: /(.+), target_label: instance }`;

beforeAll(async () => {
  stage = await setStage({
    versions: [
      { tag: '1', env: work },
      { tag: '2', env: work },
      { tag: 'slow', env: { WORK_MS: '120' } },
      { tag: 'failing', env: { ...work, FAILS_EACH: '50' } },
    ],
    haproxy: { backends: [{ name: 'api', slots: 10 }], options: earlyChecks },
    platform: { name, instances, firstPort: 21_600 },
  });
  prometheus = await startPrometheus({ dir: stage.bed.dir, scrapes });
  stage.platform.write({ service: quickly });
  await releaseTo(stage, { versions: { api: '1' } });
  await stage.load({ path: '/work', method: 'GET', ratePerSecond: 160, clients: 40 });
}, 360_000);

afterAll(async () => {
  await stage?.quiet();
  await prometheus?.stop();
  await stage?.stop();
}, 60_000);

const mine = 'instance=~"{{instances}}"';
const total = (counter: string): string => `sum(increase(app_${counter}_total{${mine}}[1m]))`;
const mean = `sum(rate(app_seconds_total{${mine}}[2s])) / sum(rate(app_requests_total{${mine}}[2s]))`;

/** A canary that takes a third of the traffic, beside a baseline that takes as much. */
const judged = (tests: object[] = comparisons()): Service => ({
  health: quickly.health,
  strategy: { kind: 'canary', baseline: true, steps: [{ weight: 33 }] },
  validate: tests,
});

const comparisons = (): object[] => {
  const { url } = prometheus;
  const series = { when: ['during'], every: '1s', count: 12, compare: { critical: true } };
  return [
    { name: 'latency', ...series, prometheus: { url, query: mean } },
    { name: 'errors', ...series, prometheus: { url, query: total('errors'), requests: total('requests') } },
  ];
};

const verdictOf = async (handle: ReleaseHandle) => {
  const { steps } = await handle.status();
  return steps['api/validate/compare/step-1'];
};

test('lets a healthy canary pass, although its worker dies in the middle of the comparison', async () => {
  stage.platform.write({ service: judged() });
  const since = Date.now();
  const handle = await stage.release({ versions: { api: '2' } });
  await untilStep(handle, /validate\/compare/, 'running');
  await stage.worker().end('SIGKILL');
  await stage.startWorker();
  expect(await handle.result()).toMatchObject({ outcome: 'released' });
  const step = await verdictOf(handle);
  expect(step?.note).toMatch(/^advance: score 100: latency is .*; errors is 0 % \(0 of \d+\) against 0 % \(0 of \d+\)/);
  await expectSettled({ ...stage, instances, since, version: '2' });
});

test('rolls a version back whose answers take a fifth longer', async () => {
  const since = Date.now();
  const handle = await stage.release({ versions: { api: 'slow' } });
  expect(await handle.result()).toMatchObject({
    outcome: 'failed',
    cause: {
      code: 'smoke-failed',
      message: expect.stringMatching(/^roll back: score 0: latency is .* % higher \(H 0\.0/),
    },
  });
  await expectSettled({ ...stage, instances, since, version: '2' });
});

test('rolls a version back of which two requests in a hundred fail', async () => {
  const since = Date.now();
  const handle = await stage.release({ versions: { api: 'failing' } });
  expect(await handle.result()).toMatchObject({
    outcome: 'failed',
    cause: { code: 'smoke-failed', message: expect.stringMatching(/errors is [12](\.\d+)? % .* against 0 % /) },
  });
  await expectSettled({ ...stage, instances, since, version: '2' });
});

test('a closed release goes back once its version turns bad, by a workflow of its own', async () => {
  const { from, to } = await versionsAt(stage, { count: instances });
  const since = Date.now();
  const later = { name: 'alive', later: '1h', every: '200ms', http: '/live' };
  stage.platform.write({ service: { ...quickly, validate: [later] } });
  await releaseTo(stage, { versions: { api: to } });
  const revision = await headOf(stage.platform);
  const [one] = await instancesOf(name);
  await fetch(`http://127.0.0.1:${one!.port}/ill`, { method: 'POST', headers: { connection: 'close' } });
  const of = (id: string) => stage.platform.client.workflow.getHandle(id);
  const at = `${name}/api-r${revision}@${stage.platform.host}`;
  expect(await of(`watch/${at}`).result()).toContain('alive: roll back: 1 measurement failed');
  expect(await of(`rollback/${at}`).result()).toMatchObject({ outcome: 'reverted' });
  await expectSettled({ ...stage, instances, since, version: from });
});

test('a watch ends as superseded once the next release has come, which it does not take back', async () => {
  const { from, to } = await versionsAt(stage, { count: instances });
  const since = Date.now();
  stage.platform.write({
    service: { ...quickly, validate: [{ name: 'alive', later: '1h', every: '200ms', http: '/live' }] },
  });
  await releaseTo(stage, { versions: { api: to } });
  const revision = (await headOf(stage.platform))!;
  await releaseTo(stage, { versions: { api: from } });
  const watchOf = (number: number) =>
    stage.platform.client.workflow.getHandle(`watch/${name}/api-r${number}@${stage.platform.host}`);
  expect(await watchOf(revision).result()).toContain('another release has come');
  const { searchAttributes } = await watchOf(revision).describe();
  expect(searchAttributes.BelayOutcome).toEqual(['superseded']);
  const { out } = await belay(stage, 'status', '--platform', name);
  const command = `belay status ${watchOf(revision + 1).workflowId}`;
  expect(out.split('\n\n')[1]).toMatch(new RegExp(`^a watch goes on measuring: alive until .*\\n  → ${command}$`));
  await watchOf(revision + 1).cancel();
  await expectSettled({ ...stage, instances, since, version: from });
});

test('holds when Prometheus is gone: missing data is no success', async () => {
  const since = Date.now();
  const tests = comparisons().map((one) => ({ ...one, every: '100ms', count: 6 }));
  stage.platform.write({ service: judged(tests) });
  await prometheus.stop();
  const handle = await stage.release({ versions: { api: '1' } });
  await untilWaiting(handle, 'held');
  expect((await verdictOf(handle))?.failure?.message).toMatch(
    /^hold: .*latency could not be judged: connection refused/,
  );
  await handle.say('rollback', { by: 'ana' });
  expect(await handle.result()).toMatchObject({ outcome: 'rolled-back' });
  await expectSettled({ ...stage, instances, since, version: '2' });
});
