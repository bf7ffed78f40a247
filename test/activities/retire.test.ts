import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { StepInput } from '../../activities';
import { retire } from '../../activities/steps/retire';
import type { EffectId, Effects } from '../../src/hosts/effects';
import { isStopping } from '../../src/hosts/stops';
import type { RetireStep } from '../../src/model/plan';
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
  /** Its worker dies at first, before this or after it. */
  dies?: `${'before' | 'after'} ${EffectId}` | 'after the signal';
}

/** Stops an instance within a grace. The instance ends with that code some time later, or never by itself. */
async function stopping({ grace, code, named, refusing = 0, dies }: Case) {
  const runtime = fakeRuntime();
  await runs(runtime, { name, image: 'shop/api:1', labels: ownLabels() });
  runtime.ignoreSignals(name);
  const { signal } = runtime;
  const done: string[] = [];
  let alive = true;
  const dieAt = (place: string) => {
    if (place !== dies || !alive) return;
    alive = false;
    throw new Error('the worker dies');
  };
  runtime.networkOf = async () => ({ pid: 4711, id: 'net:[1]' });
  const refuseNew = async ({ id }: { id: string }) => {
    done.push(`refuse ${id}${(await isStopping({ home }, name)) ? ', on its way out' : ''}`);
    await setTimeout(refusing);
  };
  runtime.signal = async (...args) => {
    done.push('signal');
    await signal(...args);
    dieAt('after the signal');
    if (code !== undefined) setTimeout(20).then(() => runtime.exit(name, code));
  };
  const effect: Effects['effect'] = async (id, _token, act) => {
    dieAt(`before ${id}`);
    const result = await act();
    dieAt(`after ${id}`);
    return result;
  };
  const deps = fakeDeps({ home, runtime, refuseNew, effects: { effect } });
  const base = { id: 'api/retire/x', kind: 'retire' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
  const step: RetireStep = { ...base, instance: { name, revision: 1, ports: {}, slots: [] }, stop: { grace }, named };
  const input = { format: 1, step, round: 1, platform: 'shop', proxies: {}, engine: await runtime.identity() };
  const notes = new Set<string>();
  const onBeat = ({ note }: { note?: string }) => void (note && notes.add(note));
  const attempt = () => runActivity(retire(deps), input as unknown as StepInput<RetireStep>, {}, onBeat);
  if (dies) await expect(attempt()).rejects.toThrow('the worker dies');
  return { runtime, done, notes, ended: attempt() };
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

test('one that stops says by when, and its note does not count on', async () => {
  const { notes, ended } = await stopping({ grace: 1_700 });
  await ended;
  expect([...notes]).toEqual(['stopping, killed after 1.7 s']);
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
  [true as const, ['refuse net:[1], on its way out', 'signal']],
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

const refused = 'refuse net:[1], on its way out';
test.each([
  ['before retire.signal', [refused, refused, 'signal']],
  ['after the signal', [refused, 'signal', refused, 'signal']],
  ['after retire.signal', [refused, 'signal']],
] as const)(
  'where a worker dies %s, the next one asks it to stop, unless it is known to have been asked',
  async (dies, expected) => {
    const { done, ended } = await stopping({ grace: 60_000, code: 0, named: true, dies });
    await ended;
    expect(done).toEqual(expected);
  },
);
