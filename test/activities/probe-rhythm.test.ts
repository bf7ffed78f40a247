import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { probe } from '../../activities/steps/probe';
import type { ProbeStep } from '../../src/model/plan';
import type { ProbeResult } from '../../src/probes/probe-result';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const never = 24 * 60 * 60_000;
const name = 'shop-api-r1-1';
const no: ProbeResult = { healthy: false, why: 'connection refused' };
const yes: ProbeResult = { healthy: true };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-probe-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Options {
  every?: number;
  healthy?: number;
  within?: number;
  /** Happens once the first answer was given. */
  afterwards?(runtime: FakeRuntime): unknown;
}

/** A probe of an instance whose check answers one after the other; the last answer stays. */
async function probed(answers: ProbeResult[], options: Options = {}) {
  const { every = never, healthy = 1, within = never, afterwards } = options;
  const runtime = fakeRuntime();
  const { observe } = runtime;
  const seen = { looks: 0, asks: 0 };
  runtime.observe = (query) => {
    seen.looks += 1;
    return observe(query);
  };
  await runs(runtime, { name, image: 'shop/api:1', labels: ownLabels(), ports: { 8080: 20001 } });
  const deps = fakeDeps({
    home,
    runtime,
    probe: async () => {
      if (seen.asks === 0) setImmediate(() => afterwards?.(runtime));
      return answers[Math.min(answers.length - 1, seen.asks++)]!;
    },
  });
  const check = { http: '/ready', port: 8080, every, timeout: 100, healthy, within, grace: 0, status: 200 };
  const instance = { name, revision: 1, ports: { 8080: 20001 }, slots: [] };
  const base = { id: 'api/probe/x', kind: 'probe' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
  const step: ProbeStep = { ...base, instance, check };
  const input = { format: 1, step, round: 1, platform: 'shop', engine: await runtime.identity() };
  const ended = runActivity(probe(deps), input as unknown as StepInput<ProbeStep>);
  return { seen, ended };
}

test('an instance that is not ready is asked again long before its period is over', async () => {
  const { ended, seen } = await probed([no, no, no, yes]);
  await expect(ended).resolves.toMatchObject({ note: expect.stringContaining('ready') });
  expect(seen.asks).toBe(4);
});

test('only answers in a row count, and one that is not ready begins anew', async () => {
  const { ended, seen } = await probed([no, yes, no, yes, yes], { every: 60, healthy: 2 });
  await ended;
  expect(seen.asks).toBe(5);
});

test('the engine is asked for the instance when it has answered, and not at every look', async () => {
  const { ended, seen } = await probed([no, no, no, no, yes]);
  await ended;
  expect(seen).toMatchObject({ asks: 5, looks: 2 });
});

test('an instance that exits between two looks ends the probe at once', async () => {
  const { ended } = await probed([no], { afterwards: (runtime) => runtime.exit(name, 3) });
  await expect(ended).rejects.toMatchObject({ code: 'instance-exited', message: expect.stringContaining('code 3') });
});

test('an answer is none where another start of the instance has given it', async () => {
  const { ended } = await probed([no, yes], {
    afterwards(runtime) {
      runtime.exit(name, 1);
      return runtime.start(name);
    },
  });
  await expect(ended).rejects.toMatchObject({ code: 'instance-exited' });
});

test('an instance that does not get ready in time fails', async () => {
  const { ended } = await probed([no], { within: 60 });
  await expect(ended).rejects.toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('connection refused'),
    hint: expect.stringContaining('(health.ready: /ready at port 8080)'),
  });
});

test('an engine that is gone meanwhile is told from an instance that does not get ready', async () => {
  const { ended } = await probed([no], {
    within: 60,
    afterwards(runtime) {
      runtime.unreachable = true;
    },
  });
  await expect(ended).rejects.toMatchObject({ code: 'engine-unreachable' });
});
