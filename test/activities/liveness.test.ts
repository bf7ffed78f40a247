import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { validate } from '../../activities/steps/validate';
import type { ValidateStep } from '../../src/model/plan';
import type { ProbeResult } from '../../src/probes/probe';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const good: ProbeResult = { healthy: true };
const bad: ProbeResult = { healthy: false, why: 'answered 503, not 200' };
const ref = { backend: 'api', server: 's1' };
const slot = { proxy: 'edge', port: 8080, ...ref };
const name = 'shop-api-r1-1';

interface Scene {
  /** Results, check after check; the last one is for good. */
  results: ProbeResult[];
  /** True if another server serves too. */
  another?: boolean;
  /** Memory of the attempt before. */
  memory?: Record<string, string>;
  /** The number of checks after which the instance comes into traffic; it is there from the beginning where absent. */
  admittedAt?: number;
  /** The number of checks after which the host has started it again. */
  restartedAt?: number;
  /** False for an instance without a route. */
  routed?: boolean;
  /** It is asked at the end of the release, and not watched. */
  atEnd?: boolean;
  /** Milliseconds of the attempts before. */
  elapsed?: number;
  /** Called before each check with the notes of the heartbeats so far, to choose its result. */
  choose?: (notes: Array<string | undefined>) => ProbeResult;
  /** A person tries the watch again that took the instance out, which chosen clients went to. */
  retried?: boolean;
}

/** Watches one instance in traffic. Returns the error that ends the watch, the checks made, and the calls of the proxy. */
async function watched({
  results,
  another = true,
  memory,
  admittedAt,
  restartedAt,
  routed = true,
  retried,
  atEnd,
  elapsed = 1_000,
  choose,
}: Scene) {
  const home = mkdtempSync(join(tmpdir(), 'belay-live-'));
  const runtime = fakeRuntime();
  const proxy = fakeProxy({ backends: { api: ['s1', 's2'] } });
  proxy.set(ref, { address: '127.0.0.1:20001', state: admittedAt || retried ? 'drain' : 'ready' });
  if (retried) proxy.set(ref, { weight: 0 });
  if (another) proxy.set({ ...ref, server: 's2' }, { address: '127.0.0.1:20002', state: 'ready' });
  const effects = { effect: (_id: string, _token: object, act: () => Promise<unknown>) => act() };
  let asked = 0;
  const notes: Array<string | undefined> = [];
  const deps = fakeDeps({
    home,
    runtime,
    proxyOf: adaptersOf(() => proxy),
    effects: effects as never,
    probe: async () => {
      const result = choose?.(notes) ?? results[Math.min(asked, results.length - 1)]!;
      asked += 1;
      if (asked === admittedAt) proxy.set(ref, { state: 'ready' });
      return result;
    },
  });
  const { observe } = runtime;
  runtime.observe = async (key) => {
    const isAgain = restartedAt !== undefined && asked >= restartedAt;
    return (await observe(key)).map((one) => (isAgain ? { ...one, startedAt: '2030-01-01T00:00:00Z' } : one));
  };
  await runs(runtime, { name, image: 'shop/api:1', labels: ownLabels(), ports: { 8080: 20001 } });
  const step: ValidateStep = {
    id: 'api/validate/up',
    kind: 'validate',
    service: 'api',
    host: 'h',
    epoch: 1,
    needs: [],
    title: 'new instances stay up and live',
    instances: [{ name, revision: 1, ports: { 8080: 20001 }, slots: routed ? [slot] : [] }],
    ...(!atEnd && { until: ['api/record'] }),
    live: { http: '/live', port: 8080, status: 200, every: 10, timeout: 100, failures: 3 },
  };
  const proxies = { edge: { kind: 'haproxy', socket: '/s', config: '/c' } };
  const input = {
    format: 1,
    step,
    round: 1,
    platform: 'shop',
    engine: await runtime.identity(),
    proxies,
    ...(retried && { admitted: [name], chosen: [name] }),
  };
  try {
    const info = memory && { attempt: 2, heartbeatDetails: { elapsed, memory } };
    const onBeat = ({ note }: { note?: string }) => void notes.push(note);
    const given = input as unknown as StepInput<ValidateStep>;
    const ended = await runActivity(validate(deps), given, info, onBeat).catch((it) => it);
    return {
      error: ended,
      note: ended.note,
      asked,
      notes,
      drained: proxy.calls.filter((call) => call.startsWith('drain')),
      calls: proxy.calls,
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test('takes an instance out of traffic that fails too often in a row', async () => {
  const { error, asked, drained } = await watched({ results: [good, bad, bad, good, bad] });
  expect(error).toMatchObject({
    code: 'not-live',
    message: expect.stringContaining('answered 503, not 200; it is out'),
  });
  expect(asked).toBe(7);
  expect(drained).toEqual(['drain api/s1']);
});

test('leaves the last one that serves where it is, and says so', async () => {
  const { error, drained } = await watched({ results: [good, bad], another: false });
  expect(error).toMatchObject({ code: 'not-live', message: expect.stringContaining('so it stays') });
  expect(drained).toEqual([]);
});

test('counts no failure of an instance that is out of traffic still', async () => {
  const { asked } = await watched({ results: [bad], admittedAt: 5 });
  expect(asked).toBe(8);
});

test('counts failures from the first success on without a route', async () => {
  const { error, asked, drained } = await watched({ results: [bad, bad, bad, bad, good, bad], routed: false });
  expect({ code: error.code, asked, drained }).toEqual({ code: 'not-live', asked: 8, drained: [] });
});

test('lets an instance become live again that came back with the host', async () => {
  const { asked } = await watched({ results: [good, bad, bad, bad, bad, bad, good, bad], restartedAt: 1 });
  expect(asked).toBe(10);
});

test('goes on with the count of a worker that died', async () => {
  const { asked } = await watched({ results: [bad], memory: { [`live ${name}`]: '2' } });
  expect(asked).toBe(1);
});

test('brings an instance back with its share and its chosen clients once it is live', async () => {
  const { calls } = await watched({ results: [bad, good, bad], retried: true });
  const changes = calls.filter((call) => !call.startsWith('observe'));
  expect(changes).toEqual(['admit api/s1', 'weigh api/s1 0 chosen', 'drain api/s1']);
});

test('says nothing of instances that stay up, and which check fails', async () => {
  const failing = `${name}: ${(bad as { why: string }).why}`;
  let last: ProbeResult = bad;
  const { notes } = await watched({
    results: [],
    choose: (seen) => {
      if (seen.length === 0) return good;
      if (seen.includes('live again') && seen.includes(failing)) return bad;
      last = last === bad ? good : bad;
      return last;
    },
  });
  expect(notes[0]).toBeUndefined();
  expect(new Set(notes)).toEqual(new Set([undefined, 'live again', failing]));
});

test('at the end of a release sees each instance live once', async () => {
  expect(await watched({ results: [bad, bad, good], atEnd: true })).toMatchObject({ note: '1 of 1 live', asked: 3 });
});

test('at its end an instance that is never live is taken out of traffic', async () => {
  const { error, asked, drained } = await watched({ results: [bad], atEnd: true });
  expect(error).toMatchObject({ code: 'not-live', message: expect.stringContaining('3 times in a row') });
  expect({ asked, drained }).toEqual({ asked: 3, drained: ['drain api/s1'] });
});

test('at its end goes on with the count of a worker that died', async () => {
  const memory = { [`live ${name}`]: '1' };
  const { error, asked } = await watched({ results: [bad], atEnd: true, memory });
  expect(error).toMatchObject({ code: 'not-live', message: expect.stringContaining('3 times in a row') });
  expect({ asked, memory }).toEqual({ asked: 2, memory: { [`live ${name}`]: '3' } });
});

test('at its end forgets the failures of one that is live, for a worker that dies while others are asked', async () => {
  const memory = { [`live ${name}`]: '2' };
  await watched({ results: [good], atEnd: true, memory });
  expect(memory).toEqual({ [`live ${name}`]: '0' });
});

test('at its end one without a route has a minute to become live', async () => {
  const late = { results: [bad, bad, bad, bad, bad, good], routed: false, atEnd: true, memory: {} };
  expect(await watched(late)).toMatchObject({ note: '1 of 1 live', asked: 6 });
  expect((await watched({ ...late, elapsed: 60_000 })).error).toMatchObject({ code: 'not-live' });
});
