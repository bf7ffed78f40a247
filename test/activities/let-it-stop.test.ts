import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { launch } from '../../activities/steps/launch';
import { beginDrain } from '../../src/hosts/drains';
import { askMark, isStopping, stopMark } from '../../src/hosts/stops';
import type { LaunchStep } from '../../src/model/plan';
import type { RuntimeInstance } from '../../src/runtimes/runtime';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const name = 'shop-api-1';
const create = { Image: 'shop/api:1', Labels: ownLabels() };
const base = { id: 'api/undo/launch/x', kind: 'launch' as const, service: 'api', host: 'h', epoch: 2, needs: [] };
const step: LaunchStep = { ...base, fingerprint: 'f', instance: { name, revision: 0, ports: {}, slots: [] } };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-let-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/**
 * Launches an instance again that a forward step has marked as stopping. The instance ends a moment after the request.
 */
async function launchedAgain({ asked: before }: { asked?: 'in this run' | 'in an earlier run' } = {}) {
  const runtime = fakeRuntime();
  await runs(runtime, { name, image: create.Image, labels: create.Labels });
  runtime.ignoreSignals(name);
  const asked: string[] = [];
  const { signal } = runtime;
  runtime.signal = async (...args) => {
    asked.push(args[1]);
    await signal(...args);
    runtime.exit(name, 0);
  };
  const mark = { home, platform: 'shop', service: 'api', epoch: 1 };
  await beginDrain({ ...mark, instance: stopMark(name) });
  const [{ startedAt }] = (await runtime.observe({ platform: 'shop', service: 'api' })) as [RuntimeInstance];
  const run = before === 'in this run' ? startedAt : '2029-01-01T00:00:00Z';
  if (before) await beginDrain({ ...mark, instance: askMark(name), run });
  const ledger = {
    of: () => ({ revision: async () => ({ snapshots: { [name]: create }, desired: { stop: { grace: 30_000 } } }) }),
  } as never;
  const deps = fakeDeps({ home, runtime, ledger, effects: { effect: (_id, _token, act) => act() } });
  const input = { format: 1, step, round: 1, platform: 'shop', proxies: {}, engine: await runtime.identity() };
  const ended = runActivity(launch(deps), input as unknown as StepInput<LaunchStep>);
  return { runtime, asked, ended };
}

test('one whose worker died before it was asked to stop is asked then, and takes its place again once it has ended', async () => {
  const { runtime, asked, ended } = await launchedAgain();
  await ended;
  expect(asked).toEqual(['SIGTERM']);
  expect(await isStopping({ home }, name)).toBe(false);
  expect(runtime.names()).toEqual([name]);
});

test('one that somebody has started again since it was asked to stop is asked again', async () => {
  const { asked, ended } = await launchedAgain({ asked: 'in an earlier run' });
  await ended;
  expect(asked).toEqual(['SIGTERM']);
});

test('one that was asked to stop is not asked twice', async () => {
  const { runtime, asked, ended } = await launchedAgain({ asked: 'in this run' });
  runtime.exit(name, 0);
  await ended;
  expect(asked).toEqual([]);
  expect(await isStopping({ home }, name)).toBe(false);
});
