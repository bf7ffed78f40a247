import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { onlyOnce } from '../../activities/steps/series';
import { validate } from '../../activities/steps/validate';
import type { DesiredValidation } from '../../src/model/desired';
import type { ValidateStep } from '../../src/model/plan';
import type { ProbeResult } from '../../src/probes/probe';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const good: ProbeResult = { healthy: true };
const bad: ProbeResult = { healthy: false, why: 'answered 500, not 200' };
const ref = { backend: 'api', server: 's1' };
const other = { backend: 'api', server: 's2' };
const name = 'shop-api-r2-1';

interface Scene {
  /** Results, measurement after measurement; the last one is for good. */
  results: ProbeResult[];
  test?: Partial<DesiredValidation>;
  step?: Partial<ValidateStep>;
  input?: Partial<StepInput>;
  memory?: Record<string, string>;
  /** True if the instance is out of traffic. */
  out?: boolean;
  /** True if the next instance, which is not launched yet, gets the port at which an old one still serves. */
  next?: boolean;
  routed?: boolean;
}

/** Makes the test of one instance. Returns its result or error, and the number of measurements. */
async function tested({ results, test, step, input, memory, out = false, next = false, routed = true }: Scene) {
  const home = mkdtempSync(join(tmpdir(), 'belay-series-'));
  const runtime = fakeRuntime();
  const proxy = fakeProxy({ backends: { api: ['s1', 's2'] } });
  proxy.set(other, { address: '127.0.0.1:20002', state: 'ready' });
  proxy.set(ref, { address: '127.0.0.1:20001', state: out ? 'drain' : 'ready' });
  await runs(runtime, { name, image: 'shop/api:2', labels: ownLabels(), ports: { 8080: 20001 } });
  let asked = 0;
  const deps = fakeDeps({
    home,
    runtime,
    proxyOf: adaptersOf(() => proxy),
    probe: async () => results[Math.min(asked++, results.length - 1)]!,
  });
  const given = {
    format: 1,
    step: {
      id: 'api/validate/during/home',
      kind: 'validate',
      service: 'api',
      host: 'h',
      epoch: 1,
      needs: [],
      title: 'home',
      instances: [
        { name, revision: 1, ports: { 8080: 20001 }, slots: routed ? [{ proxy: 'edge', port: 8080, ...ref }] : [] },
        ...(next
          ? [
              {
                name: 'shop-api-r2-2',
                revision: 1,
                ports: { 8080: 20002 },
                slots: [{ proxy: 'edge', port: 8080, ...other }],
              },
            ]
          : []),
      ],
      smoke: {
        name: 'home',
        when: ['during'],
        http: '/',
        port: 8080,
        status: 200,
        timeout: 100,
        every: 1,
        count: 4,
        ...test,
      },
      series: true,
      ...step,
    },
    round: 1,
    platform: 'shop',
    engine: await runtime.identity(),
    proxies: { edge: { kind: 'haproxy', socket: '/s', config: '/c' } },
    ...input,
  };
  try {
    const info = memory && { attempt: 2, heartbeatDetails: { elapsed: 1_000, memory } };
    const result = await runActivity(validate(deps), given as unknown as StepInput<ValidateStep>, info).catch(
      (it) => it,
    );
    return { result, asked };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test('advances after all measurements', async () => {
  const { result, asked } = await tested({ results: [good] });
  expect(result).toEqual({ note: 'advance: 4 of 4 measurements passed, latest: 1 of 1 passed' });
  expect(asked).toBe(4);
});

test('rolls back at the first failure beyond the limit', async () => {
  const { result, asked } = await tested({ results: [good, bad, good, bad], test: { count: 9, failures: 1 } });
  expect(result).toMatchObject({
    code: 'smoke-failed',
    message: `home: roll back: 2 measurements failed, and 1 may; the last of them: ${name}: answered 500, not 200`,
  });
  expect(asked).toBe(4);
});

test('advances with as many failures as it may have', async () => {
  const { result } = await tested({ results: [bad, good], test: { failures: 1 } });
  expect(result.note).toBe('advance: 3 of 4 measurements passed, 1 failed, latest: 1 of 1 passed');
});

test('waits for the first answer, and holds without one: no data is no success', async () => {
  const { result, asked } = await tested({ results: [good], out: true });
  expect(result).toMatchObject({
    code: 'inconclusive',
    message: 'home: hold: 1 measurement had no answer, and 0 may; the last of them: no new instance is in traffic',
  });
  expect(asked).toBe(5);
});

test('counts an instance without a route from its first success on', async () => {
  const { result, asked } = await tested({ results: [bad, bad, good], routed: false });
  expect(result.note).toContain('advance: 4 of 4 measurements passed');
  expect(asked).toBe(6);
});

test('measures no instance before its launch, though an old one serves at its port', async () => {
  const { result } = await tested({ results: [good], next: true });
  expect(result.note).toBe('advance: 4 of 4 measurements passed, latest: 1 of 1 passed');
});

test('holds if no measurement passed, within the limit', async () => {
  const { result } = await tested({ results: [bad], test: { failures: 4 } });
  expect(result).toMatchObject({
    code: 'inconclusive',
    message: expect.stringContaining('home: hold: none of 4 measurements passed'),
  });
});

test('goes on with the counts of a worker that died', async () => {
  const tally = { successful: 2, failed: 1, inconclusive: 0, consecutiveErrors: 0 };
  const memory = { series: JSON.stringify({ tally, due: 0, latest: 'x' }) };
  const { result, asked } = await tested({ results: [good], memory, test: { failures: 1 } });
  expect(result.note).toContain('3 of 4 measurements passed, 1 failed');
  expect(asked).toBe(1);
});

const seriesTest: DesiredValidation = {
  name: 'home',
  when: ['during', 'after'],
  http: '/',
  port: 8080,
  status: 200,
  timeout: 100,
};
const once: Partial<ValidateStep> = { series: undefined };

test('goes back by the only measurement of a test, whatever its series may bear', async () => {
  const { result } = await tested({ results: [bad], test: onlyOnce({ ...seriesTest, failures: 3 }) });
  expect(result).toMatchObject({ code: 'smoke-failed' });
});

test('only notes that the version before fails', async () => {
  const { result } = await tested({ results: [bad], step: { ...once, former: true } });
  expect(result).toEqual({
    note: `fails already: ${name}: answered 500, not 200; so a failure of the new version will hold the release`,
    fails: `${name}: answered 500, not 200`,
  });
  expect((await tested({ results: [good], step: { ...once, former: true } })).result).toEqual({
    note: `${name} passes`,
  });
});

test('blames the new version for no failure of the version before', async () => {
  const alone = await tested({ results: [bad], step: once });
  expect(alone.result).toMatchObject({ code: 'smoke-failed' });
  const both = await tested({ results: [bad], step: once, input: { failsBefore: 'old: answered 500' } });
  expect(both.result).toMatchObject({
    code: 'inconclusive',
    message: expect.stringContaining('the version before failed it too: old: answered 500'),
  });
});
