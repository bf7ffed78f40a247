import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { StepInput } from '../../activities';
import { validate } from '../../activities/steps/validate';
import type { ValidateStep } from '../../src/model/plan';
import type { ProbeResult } from '../../src/probes/probe';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const good: ProbeResult = { healthy: true };
const bad: ProbeResult = { healthy: false, why: 'answered 500, not 200' };
const canary = { name: 'shop-api-r2-1', revision: 1, ports: { 8080: 20001 }, slots: [] };
const baseline = { name: 'shop-api-r1-4', revision: 1, ports: { 8080: 20002 }, slots: [] };

interface Scene {
  /** How an instance answers, and after how many milliseconds; `time` counts its requests from 0. */
  answer: (name: string, time: number) => { result: ProbeResult; after?: number };
  count?: number;
  compare?: object;
  memory?: Record<string, string>;
  /** Milliseconds that the engine takes to show an instance. */
  engine?: number;
}

/** Compares both instances. Returns the result or error, and the number of requests to the canary. */
async function compared({ answer, count = 12, compare = {}, memory, engine = 0 }: Scene) {
  const home = mkdtempSync(join(tmpdir(), 'belay-compare-'));
  const runtime = fakeRuntime();
  for (const { name, ports } of [canary, baseline])
    await runs(runtime, { name, image: 'shop/api:1', labels: ownLabels(), ports });
  const observe = runtime.observe;
  runtime.observe = async (...given) => {
    await wait(engine);
    return await observe(...given);
  };
  const asked: Record<string, number> = {};
  const deps = fakeDeps({
    home,
    runtime,
    probe: async ({ instance: { name } }) => {
      asked[name] = (asked[name] ?? -1) + 1;
      const { result, after = 0 } = answer(name, asked[name]);
      await wait(after);
      return result;
    },
  });
  const test = {
    name: 'home',
    when: ['during'],
    http: '/',
    port: 8080,
    status: 200,
    timeout: 1_000,
    every: 1,
    count,
    compare: { direction: 'increase', allowed: 1, critical: false, ...compare },
  };
  const step = {
    id: 'api/validate/compare/step-1',
    kind: 'validate',
    service: 'api',
    host: 'h',
    epoch: 1,
    needs: [],
    title: 'compare home',
    instances: [canary],
    baseline: [baseline],
    compared: [test],
  };
  const input = { format: 1, step, round: 1, platform: 'shop', engine: await runtime.identity(), proxies: {} };
  try {
    const info = memory && { attempt: 2, heartbeatDetails: { elapsed: 1_000, memory } };
    const result = await runActivity(validate(deps), input as unknown as StepInput<ValidateStep>, info).catch(
      (it) => it,
    );
    return { result, requests: (asked[canary.name] ?? -1) + 1 };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test('advances if both sides answer alike, and says by which figures', async () => {
  const { result, requests } = await compared({ answer: (_, time) => ({ result: good, after: 5 + (time % 3) }) });
  expect(result.note).toMatch(
    /^advance: score 100: home \(errors\) is 0 % \(0 of 12\) against 0 % \(0 of 12\).*; home \(time\) is .* \(H .* s, 98 % interval .* n 12 and 12\)$/,
  );
  expect(requests).toBe(12);
});

test('rolls back if the new version takes longer, and that is critical', async () => {
  const slow = (name: string, time: number) => ({ result: good, after: name === canary.name ? 60 : 5 + (time % 3) });
  const { result } = await compared({ answer: slow, compare: { critical: true } });
  expect(result).toMatchObject({
    code: 'smoke-failed',
    message: expect.stringMatching(/^roll back: score 0: home \(time\) is [^;]* % higher[^;]*; home \(errors\)/),
  });
});

test('compares the answers of instances, and not the time of the engine', async () => {
  const slow = (name: string, time: number) => ({ result: good, after: (name === canary.name ? 30 : 5) + (time % 3) });
  const { result } = await compared({ answer: slow, engine: 100, compare: { critical: true, allowed: 2 } });
  expect(result.message).toMatch(/^roll back: score 0/);
});

test('finds no fault in fewer errors, in whatever direction', async () => {
  const mended = (name: string, time: number) => ({
    result: name === baseline.name && time % 2 === 0 ? bad : good,
    after: 5 + (time % 3),
  });
  const { result } = await compared({ answer: mended, count: 30, compare: { direction: 'either', allowed: 5 } });
  expect(result.note).toContain('home (errors) is 0 % (0 of 30) against 50 % (15 of 30), which is no proven fault');
});

test('holds with too few values: a person decides', async () => {
  const few = await compared({ answer: () => ({ result: good }), count: 4 });
  expect(few.result).toMatchObject({
    code: 'inconclusive',
    message: expect.stringContaining('too few values: 4 values from the new version, 4 from the old one; each needs 5'),
  });
});

test('rolls back if more requests fail', async () => {
  const failing = (name: string, time: number) => ({ result: name === canary.name && time % 2 === 0 ? bad : good });
  const { result } = await compared({ answer: failing, count: 30, compare: { critical: true } });
  expect(result.message).toContain('home (errors) is 50 % (15 of 30) against 0 % (0 of 30): the chance');
});

test('goes on with the samples of a worker that died', async () => {
  const side = { values: [0.005, 0.006, 0.007, 0.005, 0.006], requests: 5, errors: 0 };
  const memory = { 'compare home': JSON.stringify({ made: 5, due: 0, canary: side, baseline: side }) };
  const { result, requests } = await compared({ answer: () => ({ result: good, after: 5 }), count: 6, memory });
  expect(requests).toBe(1);
  expect(result.note).toContain('0 of 6');
});
