import type { History } from '@temporalio/common/lib/proto-utils';
import { connectBelay } from '../../src/client';
import type { PlannedService } from '../../src/model/desired';
import { platformTest } from '../plan/arbitraries';
import { plan, planOf, shop } from './plans';
import { answers, createScript, fails } from './script';
import { createStage, type Stage } from './stage';

const later = 'api/validate/later/home';
const home = { name: 'home', when: [], http: '/', port: 8080, status: 200, timeout: 1_000, later: 60_000 };
const watched = () => plan({ validate: [home] });

let stage: Stage;
afterEach(() => stage.close());

/** Releases, and returns the end of the watch that the release starts; its tests behave so. */
async function watchOf(...behaviours: Parameters<ReturnType<typeof createScript>['on']>[1][]) {
  const others = createScript(plan()).on(later, ...behaviours);
  stage = await createStage({ others });
  const play = await stage.play(watched());
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  const of = (id: string) => stage.client.workflow.getHandle(id);
  const { steps } = await play.status();
  return { others, of, watch: of(steps['api/later']!.note!) };
}

/** Returns what a workflow was started with. */
function inputOf({ events }: History): unknown {
  const [data] = events![0]!.workflowExecutionStartedEventAttributes!.input!.payloads!;
  return JSON.parse(Buffer.from(data!.data!).toString());
}

test('a release that stays well keeps its revision', async () => {
  const { watch } = await watchOf(answers('advance'));
  expect(watch.workflowId).toBe('watch/shop/api-r2@h');
  const text = 'api: revision 2 was measured: home: advance';
  expect(await watch.result()).toBe(text);
  expect(await (await connectBelay(stage.client)).watched(watch.workflowId)).toEqual({ open: false, text });
});

test('one that turns bad is taken back, if nothing else runs by then', async () => {
  const { watch, of } = await watchOf(fails('smoke-failed', 'home: roll back'));
  expect(await watch.result()).toBe('home: roll back; rollback/shop/api-r2@h takes it back');
  const back = of('rollback/shop/api-r2@h');
  expect(await back.result()).toMatchObject({ outcome: 'reverted' });
  expect(inputOf(await back.fetchHistory())).toMatchObject({
    platform: 'shop',
    services: ['api'],
    to: { api: 1 },
    from: { api: 2 },
    by: 'belay',
    reason: 'home: roll back',
  });
});

test('one of which nothing is known stays, and the watch fails', async () => {
  const { watch } = await watchOf(fails('inconclusive', 'home: hold'));
  const belay = await connectBelay(stage.client);
  const hint = 'look for yourself: belay rollback -p shop --service api --host h goes back';
  await expect(watch.result()).rejects.toMatchObject({
    cause: { type: 'inconclusive', message: 'api stays at revision 2: home: hold' },
  });
  expect(await belay.watched(watch.workflowId)).toEqual({
    open: false,
    failed: { message: 'api stays at revision 2: home: hold', hint },
  });
  await expect(belay.watched('watch/shop/nothing')).rejects.toMatchObject({ code: 'input-invalid' });
});

const ofAll = { ...platformTest('smoke', ['before', 'after']), later: 60_000 };
const watchedWhole = (more: Partial<PlannedService> = {}) =>
  planOf(shop({ service: 'api' }, { service: 'web', ...more }), [ofAll]);

test('a whole platform that turns bad goes back with all that the release has changed', async () => {
  const others = createScript(plan()).on('platform/test/later/smoke', fails('smoke-failed', 'smoke: roll back'));
  stage = await createStage({ others });
  const play = await stage.play(watchedWhole());
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  const watch = stage.client.workflow.getHandle('watch/shop/platform/api-r2@h');
  expect(await watch.result()).toBe('smoke: roll back; rollback/shop/platform/api-r2@h takes it back');
  const back = stage.client.workflow.getHandle('rollback/shop/platform/api-r2@h');
  expect(inputOf(await back.fetchHistory())).toMatchObject({
    services: ['api', 'web'],
    to: { api: 1, web: 1 },
    from: { api: 2, web: 2 },
    reason: 'smoke: roll back',
  });
  await back.result();
});

test('one whose services disagree on what to do then stays, and the watch says how to go back', async () => {
  const others = createScript(plan()).on('platform/test/later/smoke', fails('smoke-failed', 'smoke: roll back'));
  stage = await createStage({ others });
  const play = await stage.play(watchedWhole({ on_failure: 'hold' }));
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  const watch = stage.client.workflow.getHandle('watch/shop/platform/api-r2@h');
  await expect(watch.result()).rejects.toMatchObject({
    cause: {
      type: 'smoke-failed',
      message: 'the platform stays as it is: smoke: roll back',
      details: [{ hint: 'look for yourself: belay rollback -p shop --to api=1,web=1 --host h goes back' }],
    },
  });
});

test('a test that the platform failed before the release is not watched', async () => {
  const script = createScript(watchedWhole()).on('platform/test/before/smoke', fails('inconclusive', 'smoke: 502'));
  stage = await createStage({ others: createScript(plan()) });
  const play = await stage.play(script);
  await play.until('held', ({ waiting }) => waiting.length > 0);
  await play.update('skip', { by: 'ann', reason: 'known' });
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  const { steps } = await play.status();
  expect(steps['platform/later']?.note).toBe('none: the platform had not passed them before the release either');
});

describe('a release past a point of no return stays, as it would have before its end', () => {
  const migrate: Partial<PlannedService> = {
    service: 'migrate',
    strategy: { kind: 'job' },
    instances: 0,
    routes: [],
    jobs: [{ name: 'migrate', when: 'before', timeout: 1_000, point_of_no_return: true }],
  };

  test.each([
    ['for tests of the whole platform', [{ service: 'api' }, migrate], [ofAll], 'platform/later', 'the platform stays'],
    ['for tests of a service', [{ validate: [home] }, migrate], [], 'api/later', 'api stays at revision 2'],
  ])('%s', async (_, services, tests, step, stays) => {
    const bad = fails('smoke-failed', 'roll back');
    const others = createScript(plan()).on('platform/test/later/smoke', bad).on(later, bad);
    stage = await createStage({ others });
    const play = await stage.play(planOf(shop(...services), tests));
    await play.until('waiting', ({ waiting }) => waiting.length > 0);
    await play.update('approve', { by: 'ann' });
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    const { steps } = await play.status();
    const watch = stage.client.workflow.getHandle(steps[step]!.note!);
    await expect(watch.result()).rejects.toMatchObject({
      cause: { type: 'smoke-failed', message: expect.stringContaining(stays) },
    });
  });
});
