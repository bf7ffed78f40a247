import type { WorkflowHandle } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils';
import { watchesOf } from '../../src/cli/watches';
import { connectBelay } from '../../src/client';
import type { PlannedService } from '../../src/model/desired';
import type { Plan } from '../../src/model/plan';
import { platformTest } from '../plan/arbitraries';
import { plan, planOf, shop } from './plans';
import { answers, type Behaviour, blocks, blocksThenAnswers, createScript, fails } from './script';
import { createStage, type Stage } from './stage';

const later = 'api/validate/later/home';
const home = { name: 'home', when: [], http: '/', port: 8080, status: 200, timeout: 1_000, later: 60_000 };
const watched = () => plan({ validate: [home] });

let stage: Stage;
afterEach(() => stage.close());

/** Releases, and returns the watch that the release starts. Its test behaves so, and the planning of its rollback. */
async function watchOf(test: Behaviour, planned: Behaviour = answers('')) {
  const others = createScript(plan()).on(later, test).on('plan', planned);
  stage = await createStage({ others });
  const play = await stage.play(watched());
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  const of = (id: string) => stage.client.workflow.getHandle(id);
  const { steps } = await play.status();
  return { others, of, play, watch: of(steps['api/later']!.note!) };
}

/** Returns the outcome by which lists find an ended watch. */
async function labelOf(watch: WorkflowHandle): Promise<unknown> {
  const { searchAttributes } = await watch.describe();
  return { platform: searchAttributes.BelayPlatform, outcome: searchAttributes.BelayOutcome };
}
const labelled = (outcome: string) => ({ platform: ['shop'], outcome: [outcome] });

/** Returns what a workflow was started with. */
function inputOf({ events }: History): unknown {
  const [data] = events![0]!.workflowExecutionStartedEventAttributes!.input!.payloads!;
  return JSON.parse(Buffer.from(data!.data!).toString());
}

test('a release that stays well keeps its revision', async () => {
  const { watch, play } = await watchOf(answers('advance'));
  expect(watch.workflowId).toBe('watch/shop/api-r2@h');
  const text = 'api: revision 2 was measured: home: advance';
  expect(await watch.result()).toBe(text);
  expect(await (await connectBelay(stage.client)).watched(watch.workflowId)).toEqual({
    open: false,
    outcome: 'passed',
    text,
  });
  expect(await labelOf(watch)).toEqual(labelled('passed'));
  const status = await play.status();
  const until = new Date(Date.parse(status.steps['api/later']!.endedAt!) + home.later).toISOString();
  expect(await watchesOf(await connectBelay(stage.client), status)).toEqual([
    {
      workflowId: watch.workflowId,
      tests: [{ name: 'home', until }],
      command: `belay status ${watch.workflowId}`,
      open: false,
      outcome: 'passed',
      text,
    },
  ]);
});

test('one that another release has followed is superseded, and rolls nothing back', async () => {
  const { watch, of } = await watchOf(async () => ({ note: 'another release has come', over: true }));
  expect(await watch.result()).toBe('api: revision 2 was measured: home: another release has come');
  expect(await labelOf(watch)).toEqual(labelled('superseded'));
  await expect(of('rollback/shop/api-r2@h').describe()).rejects.toThrow('not found');
});

test('a bad one is superseded too, if another release comes before its rollback', async () => {
  const moved = fails('fence-stale', 'api: revision 3 runs by now, not 2');
  const { others, watch } = await watchOf(fails('smoke-failed', 'home: roll back'), moved);
  expect(await watch.result()).toBe(
    'home: roll back; rollback/shop/api-r2@h did not take it back: api: revision 3 runs by now, not 2',
  );
  expect(others.begun()).toEqual([later, 'plan']);
  expect(await labelOf(watch)).toEqual(labelled('superseded'));
});

test('one that is cancelled measures no more, and rolls nothing back', async () => {
  const { others, watch } = await watchOf(blocks);
  await others.until(`+${later}`);
  await watch.cancel();
  await expect(watch.result()).rejects.toThrow();
  expect((await watch.describe()).status.name).toBe('CANCELLED');
  expect(await labelOf(watch)).toEqual(labelled('cancelled'));
  expect(others.begun()).toEqual([later]);
  expect(await (await connectBelay(stage.client)).watched(watch.workflowId)).toEqual({
    open: false,
    outcome: 'cancelled',
    text: 'was cancelled',
  });
});

test('one that turns bad is taken back, if nothing else runs by then', async () => {
  const { watch, of } = await watchOf(fails('smoke-failed', 'home: roll back'));
  expect(await watch.result()).toBe('home: roll back; rollback/shop/api-r2@h took it back');
  expect(await labelOf(watch)).toEqual(labelled('reverted'));
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
    cause: { type: 'inconclusive', message: `api stays at revision 2: home: hold → ${hint}` },
  });
  expect(await belay.watched(watch.workflowId)).toEqual({
    open: false,
    outcome: 'failed',
    failed: { message: 'api stays at revision 2: home: hold', hint },
  });
  await expect(belay.watched('watch/shop/nothing')).rejects.toMatchObject({ code: 'input-invalid' });
});

test('one that waits for its rollback says so', async () => {
  const { others, watch } = await watchOf(fails('smoke-failed', 'home: roll back'), blocks);
  await others.until('+plan');
  const belay = await connectBelay(stage.client);
  expect(await belay.watched(watch.workflowId)).toEqual({ open: true, rollback: 'rollback/shop/api-r2@h' });
});

test('one whose rollback fails, fails with its reason', async () => {
  const gone = fails('image-unknown', 'shop/api:1 is gone', 'push it again');
  const { watch } = await watchOf(fails('smoke-failed', 'home: roll back'), gone);
  const hint = 'look for yourself: belay rollback -p shop --service api --host h goes back';
  await expect(watch.result()).rejects.toMatchObject({
    cause: {
      type: 'smoke-failed',
      message: `home: roll back; rollback/shop/api-r2@h did not take it back: shop/api:1 is gone → ${hint}`,
      details: [{ hint }],
    },
  });
  expect(await labelOf(watch)).toEqual(labelled('failed'));
});

test('one whose rollback somebody cancels fails too, for the bad version still serves', async () => {
  const { others, of, watch } = await watchOf(fails('smoke-failed', 'home: roll back'), blocks);
  await others.until('+plan');
  await of('rollback/shop/api-r2@h').cancel();
  others.releaseAll();
  await expect(watch.result()).rejects.toMatchObject({
    cause: {
      type: 'smoke-failed',
      message: expect.stringMatching(
        /^home: roll back; rollback\/shop\/api-r2@h did not take it back: was cancelled → /,
      ),
    },
  });
  expect(await labelOf(watch)).toEqual(labelled('failed'));
});

test('one that is cancelled while it waits lets its rollback go on', async () => {
  const { others, of, watch } = await watchOf(fails('smoke-failed', 'home: roll back'), blocks);
  await others.until('+plan');
  await watch.cancel();
  await expect(watch.result()).rejects.toThrow();
  expect(await labelOf(watch)).toEqual(labelled('cancelled'));
  others.releaseAll();
  expect(await of('rollback/shop/api-r2@h').result()).toMatchObject({ outcome: 'reverted' });
});

test('the first bad verdict rolls back, and ends the other tests', async () => {
  const slow = { ...home, name: 'slow' };
  const others = createScript(plan())
    .on(later, fails('smoke-failed', 'home: roll back'))
    .on('api/validate/later/slow', blocks);
  stage = await createStage({ others });
  expect(await (await stage.play(plan({ validate: [home, slow] }))).end()).toMatchObject({ outcome: 'released' });
  const watch = stage.client.workflow.getHandle('watch/shop/api-r2@h');
  expect(await watch.result()).toBe('home: roll back; rollback/shop/api-r2@h took it back');
  expect(others.events).toContain('~api/validate/later/slow');
});

/** The plan of the next release, which leads from revision 2 to 3 and is watched by the test. */
function nextPlan(test: typeof home): Plan {
  const { desired, observed } = shop({ validate: [test] });
  const { revisions, instances, ...api } = observed.services.api!;
  const next = {
    ...{ ...api, head: 2, nextRevision: 3 },
    revisions: revisions.map((one) => ({ ...one, number: 2 })),
    instances: instances.map((one) => ({ ...one, name: 'shop-api-r2-1', revision: 2 })),
  };
  return planOf({ desired, observed: { ...observed, services: { api: next } } });
}

test('a release while another is watched ends that watch, and has one of its own', async () => {
  const again = { ...home, name: 'again' };
  const others = createScript(plan())
    .on(later, blocksThenAnswers('another release has come', { over: true }))
    .on('api/validate/later/again', blocksThenAnswers('advance'));
  stage = await createStage({ others });
  const [first, second] = ['watch/shop/api-r2@h', 'watch/shop/api-r3@h'].map((id) =>
    stage.client.workflow.getHandle(id),
  ) as [WorkflowHandle, WorkflowHandle];
  expect(await (await stage.play(watched())).end()).toMatchObject({ outcome: 'released' });
  await others.until(`+${later}`);
  expect(await (await stage.play(nextPlan(again))).end()).toMatchObject({ outcome: 'released' });
  await others.until('+api/validate/later/again');
  expect(others.acts.map(({ input }) => input.step)).toMatchObject([{ head: 2 }, { head: 3 }]);

  others.release(later);
  await first.result();
  expect(await labelOf(first)).toEqual(labelled('superseded'));
  expect((await second.describe()).status.name).toBe('RUNNING');
  others.releaseAll();
  expect(await second.result()).toBe('api: revision 3 was measured: again: advance');
  expect(await labelOf(second)).toEqual(labelled('passed'));
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
  expect(await watch.result()).toBe('smoke: roll back; rollback/shop/platform/api-r2@h took it back');
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
  const hint = 'look for yourself: belay rollback -p shop --to api=1,web=1 --host h goes back';
  await expect(watch.result()).rejects.toMatchObject({
    cause: {
      type: 'smoke-failed',
      message: `the platform stays as it is: smoke: roll back → ${hint}`,
      details: [{ hint }],
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
