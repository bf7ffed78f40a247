import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { StepInput } from '../../activities';
import { retire } from '../../activities/retire';
import { isStopping } from '../../activities/stopping';
import type { RetireStep } from '../../src/spec/plan';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const name = 'shop-api-r1-1';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-retire-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Case {
  grace: number;
  code?: number;
  named?: true;
  /** Milliseconds until it has taken who had come. */
  refusing?: number;
}

/** An instance is asked to stop, with so much time to do it; it ends with that code some time later, or never by itself. */
async function stopping({ grace, code, named, refusing = 0 }: Case) {
  const runtime = fakeRuntime();
  await runs(runtime, { name, image: 'shop/api:1', labels: ownLabels() });
  runtime.ignoreSignals(name);
  const { signal } = runtime;
  const done: string[] = [];
  runtime.networkOf = async () => 4711;
  const refuseNew = async (pid: number) => {
    done.push(`refuse ${pid}${(await isStopping({ home }, name)) ? ', on its way out' : ''}`);
    await setTimeout(refusing);
  };
  runtime.signal = async (...args) => {
    done.push('signal');
    await signal(...args);
    if (code !== undefined) setTimeout(20).then(() => runtime.exit(name, code));
  };
  const deps = fakeDeps({ home, runtime, refuseNew, effects: { effect: (_id, _token, act) => act() } });
  const base = { id: 'api/retire/x', kind: 'retire' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
  const step: RetireStep = { ...base, instance: { name, revision: 1, ports: {}, slots: [] }, stop: { grace }, named };
  const input = { format: 1, step, round: 1, platform: 'shop', proxies: {}, engine: await runtime.identity() };
  return { runtime, done, ended: runActivity(retire(deps), input as unknown as StepInput<RetireStep>) };
}

test('an instance that ends by itself is taken away with the code it ended with', async () => {
  const { runtime, ended } = await stopping({ grace: 60_000, code: 3 });
  await expect(ended).resolves.toMatchObject({ note: expect.stringMatching(/^exit 3 after \d\.\d s$/) });
  expect(runtime.names()).toEqual([]);
});

test('an instance whose grace is over is killed, and that is said', async () => {
  const { runtime, ended } = await stopping({ grace: 60 });
  await expect(ended).resolves.toMatchObject({ note: expect.stringMatching(/^exit 137 .* had to be killed$/) });
  expect(runtime.names()).toEqual([]);
});

test('the grace of one that refuses who comes by name begins when it is asked to stop', async () => {
  const { ended } = await stopping({ grace: 1_000, code: 0, named: true, refusing: 1_100 });
  await expect(ended).resolves.toMatchObject({ note: expect.stringMatching(/^exit 0 /) });
});

test('an end of which the engine does not tell is found by looking', async () => {
  const { runtime, ended } = await stopping({ grace: 60_000, code: 0 });
  runtime.failNext('ended');
  await expect(ended).resolves.toMatchObject({ note: expect.stringMatching(/^exit 0 /) });
});

test.each([
  [true as const, ['refuse 4711, on its way out', 'signal']],
  [undefined, ['signal']],
])(
  'one that has others beside it (%s) refuses who comes by name before it is asked to stop',
  async (named, expected) => {
    const { done, ended } = await stopping({ grace: 60_000, code: 0, named });
    await ended;
    expect(done).toEqual(expected);
  },
);

test('the log of one that ends stays on the host', async () => {
  const { runtime, ended } = await stopping({ grace: 60_000, code: 0 });
  runtime.logTail = async () => 'said at the end';
  await ended;
  expect(readFileSync(join(home, 'logs', `${name}.log`), 'utf8')).toBe('said at the end');
});

test('a log that cannot be kept is said, and holds nothing', async () => {
  writeFileSync(join(home, 'logs'), 'no folder');
  const { runtime, ended } = await stopping({ grace: 60_000, code: 0 });
  await expect(ended).resolves.toMatchObject({
    note: expect.stringMatching(/^exit 0 after \S+ s; its log could not be kept: .*logs/),
  });
  expect(runtime.names()).toEqual([]);
});

test('a log that the engine does not give is said, and holds nothing', async () => {
  const { runtime, ended } = await stopping({ grace: 60_000, code: 0 });
  runtime.failNext('logTail');
  await expect(ended).resolves.toMatchObject({ note: expect.stringContaining('its log could not be kept: ') });
  expect(runtime.names()).toEqual([]);
});
