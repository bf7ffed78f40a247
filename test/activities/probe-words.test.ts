import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { probe } from '../../activities/steps/probe';
import { createMasker } from '../../src/hosts/secrets';
import type { DesiredCheck } from '../../src/model/desired';
import type { ProbeStep } from '../../src/model/plan';
import { probe as realProbe } from '../../src/probes';
import type { Probe } from '../../src/probes/probe';
import type { RuntimeInstance } from '../../src/runtimes/runtime';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

/** Returns the error of an instance that never gets ready. */
async function failed(
  words: Partial<DesiredCheck>,
  {
    probing = realProbe,
    health = 'unhealthy',
    exit,
  }: { probing?: Probe; health?: RuntimeInstance['health']; exit?: number } = {},
): Promise<unknown> {
  const home = mkdtempSync(join(tmpdir(), 'belay-probe-'));
  const runtime = fakeRuntime();
  const masker = createMasker();
  masker.add({ PASSWORD: 'hunter22' }, '');
  runtime.healthOutput = async () => 'first\nno login with hunter22\n';
  runtime.run = async () => ({ code: 3, output: 'no login with hunter22\n' });
  const ports = { 8080: 20001 };
  await runs(runtime, { name: 'shop-api-r1-1', image: 'shop/api:1', labels: ownLabels(), ports });
  runtime.setHealth('shop-api-r1-1', health);
  if (exit !== undefined) runtime.exit('shop-api-r1-1', exit);
  const instance = { name: 'shop-api-r1-1', revision: 1, ports, slots: [] };
  const base = { id: 'api/probe/x', kind: 'probe' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
  const check = { every: 10, timeout: 100, healthy: 1, within: 50, grace: 0, status: 200, ...words };
  const step: ProbeStep = { ...base, instance, check, ports: [] };
  const input = { format: 1, step, round: 1, platform: 'shop', engine: await runtime.identity() };
  const deps = fakeDeps({ home, runtime, masker, probe: probing });
  try {
    return await runActivity(probe(deps), input as unknown as StepInput<ProbeStep>).catch((error: unknown) => error);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test.each<[Partial<DesiredCheck>, string]>([
  [{ docker: true }, 'HEALTHCHECK says unhealthy, and its last output is: no login with ***'],
  [{ command: ['/bin/check'] }, 'ended with 3: no login with ***'],
  [
    { command: ['sh', '-c', 'echo no login with hunter22; exit 3'], where: 'host', folder: '/', timeout: 10_000 },
    'ended with 3: no login with ***',
  ],
])('tells the last output without secrets: %j', async (words, why) => {
  expect(await failed(words)).toMatchObject({ message: expect.stringContaining(why) });
});

const places = 'the whole log: docker logs shop-api-r1-1; after its removal, logs/shop-api-r1-1.log in BELAY_HOME';

test('says where the log of an instance is that was not ready in time, or that has exited', async () => {
  expect(await failed({ command: ['/bin/check'] })).toMatchObject({
    code: 'not-ready',
    hint: expect.stringContaining(places),
  });
  expect(await failed({ command: ['/bin/check'] }, { exit: 1 })).toMatchObject({
    code: 'instance-exited',
    hint: expect.stringContaining(places),
  });
});

test('says that a program of the host has gone since the plan, and which check runs it', async () => {
  expect(await failed({ command: ['./up', '--all'], where: 'host', folder: tmpdir(), timeout: 10_000 })).toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('was not ready within 0.05 s: ./up is not there'),
    hint: expect.stringContaining('health.ready: ./up on the host'),
  });
});

test('says how to have a certificate accepted', async () => {
  const untrusted: Probe = async () => ({ healthy: false, why: 'TLS: DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(await failed({ https: '/ready', port: 8080 }, { probing: untrusted })).toMatchObject({
    hint: expect.stringMatching(/server_name.*ca.*insecure/),
  });
});

test('waits for no HEALTHCHECK where there is none', async () => {
  expect(await failed({ docker: true, within: 3_600_000 }, { health: 'none' })).toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('shop-api-r1-1 cannot get ready: the container has no HEALTHCHECK'),
  });
});

test('counts the grace into the time that an instance had', async () => {
  expect(await failed({ command: ['/bin/check'], grace: 30, within: 20 })).toMatchObject({
    message: expect.stringContaining('was not ready within 0.05 s: ended with 3'),
  });
});
