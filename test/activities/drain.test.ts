import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { drain } from '../../activities/steps/drain';
import type { DrainStep } from '../../src/model/plan';
import type { ProxyCapabilities } from '../../src/spec/proxies';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const ref = { backend: 'api', server: 's1' };

/** Runs a drain on these counts in flight, look after look, the last one for good. Returns its end. */
async function drained(
  over: Partial<DrainStep>,
  seen: { before: number[]; out: number[] },
  able: Partial<ProxyCapabilities> = {},
) {
  const home = mkdtempSync(join(tmpdir(), 'belay-drain-'));
  const runtime = fakeRuntime();
  const next = (list: number[]) => (list.length > 1 ? list.shift()! : list[0]!);
  const proxy = fakeProxy({
    backends: { api: ['s1'] },
    inFlight: () => next(proxy.calls.some((call) => call.startsWith('remove')) ? seen.out : seen.before),
  });
  proxy.set(ref, { address: '127.0.0.1:20001', state: 'drain' });
  const effects = { effect: (_id: string, _token: object, act: () => Promise<unknown>) => act() };
  const deps = fakeDeps({ home, runtime, proxyOf: adaptersOf(() => proxy, able), effects: effects as never });
  const instance = { name: 'shop-api-r1-1', revision: 1, ports: { 8080: 20001 }, slots: [slot] };
  const base = { id: 'api/drain/x', kind: 'drain' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
  const step: DrainStep = { ...base, instance, deadline: 300, at_deadline: 'proceed', ...over };
  const proxies = { edge: { kind: 'haproxy', socket: '/s', config: '/c' } };
  const input = { format: 1, step, round: 1, platform: 'shop', engine: await runtime.identity(), proxies };
  try {
    return await runActivity(drain(deps), input as unknown as StepInput<DrainStep>);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const slot = { proxy: 'edge', port: 8080, ...ref };

test('says what was still in flight at the deadline', async () => {
  expect(await drained({}, { before: [2], out: [2] })).toMatchObject({ note: expect.stringMatching(/^2 still/) });
});

test('takes an instance out at the deadline to which clients go on to send, and waits for what they sent last', async () => {
  const ended = await drained({ sticky: true }, { before: [2], out: [2, 1, 0] });
  expect(ended).toMatchObject({ note: expect.stringMatching(/^nothing in flight/) });
});

test('holds for what is in flight once it is out, and not for what keeps coming until then', async () => {
  const policy = { sticky: true, at_deadline: 'hold' } as const;
  expect(await drained(policy, { before: [2], out: [0] })).toMatchObject({ note: expect.stringMatching(/^nothing/) });
  await expect(drained(policy, { before: [2], out: [1] })).rejects.toMatchObject({ code: 'drain-deadline' });
});

test.each([{}, { sticky: true as const }])('calls nothing drained that its proxy does not count: %j', async (over) => {
  const unknown = { inFlight: 'unknown' } as const;
  const ended = await drained(over, { before: [0], out: [0] }, unknown);
  expect(ended.note).toMatch(/^waited \d\.\d s: a proxy does not count/);
  const held = drained({ at_deadline: 'hold', ...over }, { before: [0], out: [7] }, unknown);
  if (over.sticky) await expect(held).rejects.toMatchObject({ code: 'drain-deadline' });
  else expect((await held).note).toMatch(/^waited/);
});

test('waits for the workers of a proxy that counts no requests, and says so where they stay', async () => {
  const workers = { inFlight: 'workers' } as const;
  const ended = await drained({}, { before: [2, 1, 0], out: [0] }, workers);
  expect(ended.note).toMatch(/^no worker of the proxy holds requests of it after \d\.\d s$/);
  await expect(drained({ at_deadline: 'hold' }, { before: [2], out: [2] }, workers)).rejects.toMatchObject({
    code: 'drain-deadline',
    message: 'shop-api-r1-1 has requests in up to 2 workers of the proxy after 0.3 s',
  });
});
