import { createHandle } from '../../src/client/handle';
import type { DesiredService } from '../../src/model/desired';
import type { Plan, Step, StepOf } from '../../src/model/plan';
import { expectNeedsFirst, expectUndone, forward, undone } from './expectations';
import { plan, planAway, planBack, planFronted, planTested, planUnfronted, settled, smoke } from './plans';
import {
  answers,
  type Behaviour,
  blocks,
  createScript,
  fails,
  failsAfter,
  failsAsGone,
  failsUntouched,
  failsWhenCancelled,
  leaves,
  stubborn,
} from './script';
import { createStage, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const launch = 'api/launch/shop-api-r2-1';
const probe = 'api/probe/shop-api-r2-1';
const drain = 'api/drain/shop-api-r1-1';
const watch = 'api/validate/up';
const api = { service: 'api' };
const web = { service: 'web' };

describe('on the way there', () => {
  test('a step starts only when everything it needs is done, and each is done once', async () => {
    const { script, ...play } = await stage.play(
      plan({ ...api, instances: 3, validate: [smoke('before'), smoke('after')] }, web),
    );
    expect(await play.end()).toMatchObject({
      closed: 'completed',
      outcome: 'released',
      result: { platform: 'shop', revisions: { api: 2, web: 2 } },
    });
    expectNeedsFirst(script);
    expect(script.acts.map((act) => act.id).sort()).toEqual(
      ['plan', ...script.plan.steps.map((step) => step.id)].sort(),
    );
  });

  test('steps that do not need each other run side by side', async () => {
    const script = createScript(plan({ ...api, instances: 2 }, web))
      .on(launch, blocks)
      .on('web/launch/shop-web-r2-1', blocks);
    script.on('api/retire/shop-api-r1-1', blocks);
    const play = await stage.play(script);
    await Promise.all([script.until(`+${launch}`), script.until('+web/launch/shop-web-r2-1')]);
    script.release(launch);
    script.release('web/launch/shop-web-r2-1');
    await script.until('+api/launch/shop-api-r2-2');
    expect(script.count('-api/retire/shop-api-r1-1')).toBe(0);
    script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('no more instances are starting at once than may be, one that is launched and about to be probed among them', async () => {
    const script = createScript({ ...plan(api, web), starts: 1 });
    script.on('api/pull', blocks).on('web/launch/shop-web-r2-1', blocks);
    const play = await stage.play(script);
    await script.until('+web/launch/shop-web-r2-1');
    script.release('api/pull');
    await play.until('api to be due', ({ steps }) => steps['api/configure']?.state === 'done');
    script.release('web/launch/shop-web-r2-1');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    const order = script.events.filter((event) => /^[+-](api\/launch|web\/probe)/.test(event));
    expect(order.slice(0, 3)).toEqual(['+web/probe/shop-web-r2-1', '-web/probe/shop-web-r2-1', `+${launch}`]);
  });

  test('a step is given what the plan says, who released and why, and the source only where it is needed', async () => {
    const needs: DesiredService['needs'] = [{ kind: 'tcp', text: 'cache:1', required: true, within: 1000 }];
    const play = await stage.play(plan({ needs }, web));
    await play.end();
    const inputs = play.script.acts.filter((act) => act.id !== 'plan').map((act) => act.input);
    for (const input of inputs) {
      expect(input).toMatchObject({
        platform: 'shop',
        engine: 'e',
        proxies: {},
        by: 'eve',
        reason: 'new version',
        round: 1,
      });
      const asks = ['api/preflight', 'api/validate/needs', 'api/validate/needed'];
      const isNeeded = input.step.kind === 'configure' || asks.includes(input.step.id);
      expect(input.source).toEqual(isNeeded ? play.script.plan.source : undefined);
      const planned = play.script.plan.steps.find((step) => step.id === input.step.id);
      expect(input.step).toEqual(JSON.parse(JSON.stringify({ ...planned, needs: [] })));
    }
  });

  test('a plan that is too long to travel as it is, is walked there and back all the same', async () => {
    const long = plan(
      { ...api, instances: 8 },
      { ...web, instances: 8, after: [{ service: 'api', condition: 'healthy' }] },
    );
    const script = createScript(long).on('web/retire/shop-web-r1-8', fails('instance-lost'));
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({ closed: 'failed', outcome: 'failed' });
    expect((await play.status()).plan).toEqual(JSON.parse(JSON.stringify(long)));
    expectNeedsFirst(script);
    await expectUndone(play);
  });

  test('a host that is as desired ends it unchanged, with nothing done', async () => {
    const play = await stage.play(settled());
    expect(await play.end()).toMatchObject({
      closed: 'completed',
      outcome: 'unchanged',
      result: { revisions: { api: 1 } },
    });
    expect(forward(play.script)).toEqual([]);
  });

  test('a dry run ends as planned with the plan, and nothing done', async () => {
    const play = await stage.play(plan(), { input: { dry_run: true } });
    const { result, ...end } = await play.end();
    expect(end).toMatchObject({ closed: 'completed', outcome: 'planned' });
    expect(result?.plan).toEqual(JSON.parse(JSON.stringify(play.script.plan)));
    expect(forward(play.script)).toEqual([]);
  });

  test('what a plan cannot be made from fails the workflow with the code of the reason', async () => {
    const play = await stage.play(
      createScript(plan()).on('plan', fails('spec-invalid', 'belay.yaml:3: no such key', 'correct it')),
    );
    // The Web UI shows the message first.
    await expect(play.handle.result()).rejects.toMatchObject({
      cause: { type: 'spec-invalid', message: 'belay.yaml:3: no such key → correct it' },
    });
    await expect(createHandle(stage.client, play.handle.workflowId).result()).rejects.toMatchObject({
      message: 'belay.yaml:3: no such key',
      hint: 'correct it',
    });
    expect(await play.status()).toMatchObject({ phase: 'closed', outcome: 'failed', cause: { code: 'spec-invalid' } });
    expect(forward(play.script)).toEqual([]);
  });

  test('a step that fails for a passing reason is tried again by Temporal, and nobody is asked', async () => {
    const play = await stage.play(createScript(plan()).on(probe, fails('unexpected'), answers('ready 3 times')));
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect(play.script.acts.filter((act) => act.id === probe).map((act) => act.attempt)).toEqual([1, 2]);
    expect((await play.status()).steps[probe]).toMatchObject({ state: 'done', note: 'ready 3 times' });
  });

  test('a clean-up that fails does not fail the release', async () => {
    const play = await stage.play(createScript(plan()).on('api/cleanup', fails('ledger-damaged')));
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'released' });
    expect(undone(play.script)).toEqual([]);
    expect((await play.status()).steps['api/cleanup']).toMatchObject({ state: 'failed' });
  });

  test('a clean-up that a newer release fences off does not fail the release either', async () => {
    const play = await stage.play(createScript(plan()).on('api/cleanup', fails('fence-stale')));
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'released' });
  });

  test.each(['proxy-refused', 'fence-stale'] as const)(
    'a proxy that cannot be taken off after the record does not fail the release: %s',
    async (code) => {
      const play = await stage.play(createScript(planUnfronted()).on('api/proxy/own', fails(code)));
      expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'released' });
      expect(undone(play.script)).toEqual([]);
      expect((await play.status()).steps).toMatchObject({
        'api/record': { state: 'done' },
        'api/proxy/own': { state: 'failed' },
      });
    },
  );
});

describe('a watch', () => {
  test('runs beside the other steps, is ended by the walk, and counts as done', async () => {
    const play = await stage.play(createScript(plan()).on(drain, blocks));
    await play.script.until(`+${drain}`);
    await play.script.until(`+${watch}`);
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect(play.script.count(`-${watch}`)).toBe(1);
    expect((await play.status()).steps[watch]).toMatchObject({ state: 'done', note: 'all stayed up' });
  });

  test('that fails turns the release, and what runs is cancelled', async () => {
    const play = await stage.play(createScript(plan()).on(drain, blocks).on(watch, fails('instance-lost')));
    expect(await play.end()).toMatchObject({
      type: 'failed',
      result: { cause: { code: 'instance-lost', step: watch } },
    });
    await expectUndone(play);
  });

  test('that finds a lost instance while it is being ended turns the release too', async () => {
    const play = await stage.play(createScript(plan()).on(watch, failsWhenCancelled('instance-lost')));
    expect(await play.end()).toMatchObject({
      type: 'failed',
      result: { cause: { code: 'instance-lost', step: watch } },
    });
    await expectUndone(play);
  });

  test('of what a service needs is ended by the walk, and turns the release when it fails', async () => {
    const needs = [{ kind: 'tcp' as const, text: 'db:1', required: true, within: 1 }];
    const [look, watched] = ['api/validate/needs', 'api/validate/needed'];
    const good = await stage.play(createScript(plan({ needs })));
    expect(await good.end()).toMatchObject({ outcome: 'released' });
    expectNeedsFirst(good.script);
    expect(good.script.count(`-${watched}`)).toBe(1);
    expect(good.script.acts.find(({ id }) => id === look)?.input).toHaveProperty('source');
    for (const [failing, code] of [
      [look, 'preflight-failed'],
      [watched, 'need-lost'],
    ] as const) {
      const bad = await stage.play(createScript(plan({ needs })).on(drain, blocks).on(failing, fails(code)));
      expect(await bad.end()).toMatchObject({ type: 'failed', result: { cause: { code, step: failing } } });
      await expectUndone(bad);
    }
  });

  test('of what a service needs waits for a person, if that is the policy', async () => {
    const needs = [{ kind: 'tcp' as const, text: 'db:1', required: true, within: 1 }];
    const look = 'api/validate/needs';
    const script = createScript(plan({ needs, on_failure: 'hold' })).on(look, fails('preflight-failed'));
    const play = await stage.play(script);
    await play.until('held', (status) => status.phase === 'held');
    expect(script.begun()).not.toContain('api/swap/shop-api-r2-1');
    await play.update('retry');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('that is tried again when everything else is done is over at once', async () => {
    const script = createScript(plan({ on_failure: 'hold' })).on(watch, async (act, script) => {
      await script.until('-api/retire/shop-api-r1-1');
      return await fails('instance-lost')(act, script);
    });
    const play = await stage.play(script);
    await play.until('held', (status) => status.phase === 'held');
    await play.update('retry');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });
});

describe('a failure', () => {
  test('of a probe takes back exactly what was begun, in an order that needs allow', async () => {
    const play = await stage.play(
      createScript(plan({ instances: 2 })).on(
        'api/probe/shop-api-r2-2',
        fails('not-ready', 'GET / answers 500', 'look'),
      ),
    );
    expect(await play.end()).toEqual({
      closed: 'failed',
      type: 'failed',
      outcome: 'failed',
      result: {
        outcome: 'failed',
        platform: 'shop',
        revisions: { api: 1 },
        cause: { code: 'not-ready', message: 'GET / answers 500', hint: 'look', step: 'api/probe/shop-api-r2-2' },
      },
    });
    await expect(play.handle.result()).rejects.toMatchObject({ cause: { message: 'GET / answers 500 → look' } });
    expect(undone(play.script).length).toBeGreaterThan(5);
    await expectUndone(play);
    expectNeedsFirst(play.script, ['api/probe/shop-api-r2-2']);
    expect(await play.status()).toMatchObject({ phase: 'closed', outcome: 'failed', waiting: [] });
  });

  test('cancels what runs, and goes back only when it has settled', async () => {
    const script = createScript(plan(api, web))
      .on(launch, failsAfter('+web/launch/shop-web-r2-1', 'launch-failed'))
      .on('web/launch/shop-web-r2-1', blocks);
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({ type: 'failed' });
    expect(script.count('~web/launch/shop-web-r2-1')).toBe(1);
    await expectUndone(play);
  });

  test('waits for a step that does not listen to its cancellation', async () => {
    const other = 'web/launch/shop-web-r2-1';
    const script = createScript(plan(api, web))
      .on(launch, failsAfter(`+${other}`, 'launch-failed'))
      .on(other, stubborn);
    const play = await stage.play(script);
    await script.until(`+${other}`);
    await play.until('failed', ({ steps }) => steps[launch]?.state === 'failed');
    expect(undone(script)).toEqual([]);
    script.release(other);
    expect(await play.end()).toMatchObject({ type: 'failed' });
    await expectUndone(play);
  });

  test('of one of two services takes both back, and nothing is recorded', async () => {
    const script = createScript(plan(api, web)).on('web/probe/shop-web-r2-1', fails('not-ready'));
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({ type: 'failed', result: { revisions: { api: 1, web: 1 } } });
    expect(forward(script).filter((id) => id.endsWith('/record'))).toEqual([]);
    expect(undone(script)).toEqual(expect.arrayContaining(['api/undo/record', 'web/undo/record']));
    await expectUndone(play);
  });

  test('of a record after another one takes both back', async () => {
    const script = createScript(plan(api, web)).on('web/record', fails('ledger-damaged')).on('api/cleanup', blocks);
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({ type: 'failed', result: { cause: { code: 'ledger-damaged' } } });
    await expectUndone(play);
  });

  test('with on_failure leave is left as it stands', async () => {
    const play = await stage.play(createScript(plan({ on_failure: 'leave' })).on(probe, fails('not-ready')));
    expect(await play.end()).toMatchObject({
      type: 'left',
      result: { outcome: 'left', cause: { code: 'not-ready', step: probe } },
    });
    expect(undone(play.script)).toEqual([]);
  });

  test('of two steps at the same time keeps the first one as the cause', async () => {
    const script = createScript(plan(api, web))
      .on(launch, blocks, blocks)
      .on('web/launch/shop-web-r2-1', fails('launch-failed', 'first'));
    script.on(launch, failsWhenCancelled('unexpected'));
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({ type: 'failed', result: { cause: { message: 'first' } } });
  });
});

describe('the fence', () => {
  test('held by another release ends it with that code, and nothing is undone', async () => {
    const play = await stage.play(
      createScript(plan()).on('api/claim', fails('held-by-another', 'held by release/shop/1', 'wait')),
    );
    expect(await play.end()).toMatchObject({
      type: 'failed',
      result: {
        outcome: 'failed',
        cause: { code: 'held-by-another', message: 'held by release/shop/1', hint: 'wait', step: 'api/claim' },
      },
    });
    expect(play.script.begun()).toEqual(['plan', 'api/claim']);
  });

  test('held for the second service only is given back for the first', async () => {
    const play = await stage.play(createScript(plan(api, web)).on('web/claim', fails('held-by-another')));
    expect(await play.end()).toMatchObject({ type: 'failed', result: { cause: { code: 'held-by-another' } } });
    expect(undone(play.script)).toEqual(['api/undo/claim', 'api/undo/record']);
  });

  test.each(['held-by-another', 'fence-stale'] as const)(
    'that another queued release was faster to take (%s) is waited for again, and nothing is left in between',
    async (code) => {
      const script = createScript(plan(api, web)).on('web/claim', fails(code));
      const play = await stage.play(script, { input: { when_running: 'queue' } });
      expect(await play.end()).toMatchObject({ outcome: 'released', result: { revisions: { api: 2, web: 2 } } });
      expect(script.count('+plan')).toBe(2);
      const back = script.events.indexOf('-api/undo/record');
      expect(undone(script)).toEqual(['api/undo/claim', 'api/undo/record']);
      expect(script.events.indexOf('+plan', 1)).toBeGreaterThan(back);
      expect(await play.status()).toMatchObject({ phase: 'closed', waiting: [] });
    },
  );

  test('lost a second time ends a queued release that was cancelled meanwhile', async () => {
    const script = createScript(plan(api, web)).on('web/claim', fails('fence-stale')).on('api/undo/claim', blocks);
    const play = await stage.play(script, { input: { when_running: 'queue' } });
    await script.until('+api/undo/claim');
    await play.handle.cancel();
    await play.until('heard', ({ heard }) => heard.length > 0);
    script.releaseAll();
    expect(await play.end()).toMatchObject({ closed: 'cancelled' });
    expect(script.count('+api/claim')).toBe(1);
  });

  test('lost by a retirement makes it plan again, and end by what it sees then', async () => {
    const away = planAway();
    const script = createScript({ ...away, steps: away.steps.filter(({ kind }) => kind !== 'drop') });
    script.on('api/claim', fails('fence-stale'));
    const play = await stage.play(script, { kind: 'retire', input: { after: 0 } });
    expect(await play.end()).toMatchObject({ outcome: 'retired' });
    expect(script.count('+plan')).toBe(2);
  });

  test('taken away in the middle ends it as superseded, and nothing is undone', async () => {
    const script = createScript(plan(api, web)).on('web/launch/shop-web-r2-1', blocks).on(launch, fails('fence-stale'));
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({
      type: 'superseded',
      result: { outcome: 'superseded', cause: { code: 'fence-stale', step: launch } },
    });
    expect(undone(script)).toEqual([]);
    expect(script.count('~web/launch/shop-web-r2-1')).toBe(script.count('+web/launch/shop-web-r2-1'));
  });

  test('taken away stays so when somebody asks for a rollback while the rest settles', async () => {
    const other = 'web/launch/shop-web-r2-1';
    const script = createScript(plan(api, web))
      .on(other, stubborn)
      .on(launch, failsAfter(`+${other}`, 'fence-stale'));
    const play = await stage.play(script);
    await script.until(`+${other}`);
    await play.until('refused by the host', ({ steps }) => steps[launch]?.state === 'failed');
    await play.signal('rollback');
    await play.until('heard', ({ heard }) => heard.length > 0);
    script.release(other);
    expect(await play.end()).toMatchObject({ type: 'superseded' });
    expect(undone(script)).toEqual([]);
  });

  test('taken away before the way back begins ends it as superseded', async () => {
    const script = createScript(plan()).on(probe, fails('not-ready')).on('api/undo/claim', fails('fence-stale'));
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({ type: 'superseded', result: { cause: { code: 'fence-stale' } } });
    expect(undone(script)).toEqual(['api/undo/claim']);
  });

  test('taken away on the way back ends it as superseded', async () => {
    const back = 'api/undo/retire/shop-api-r2-1';
    const script = createScript(plan()).on(probe, fails('not-ready')).on(back, fails('fence-stale'));
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({ type: 'superseded' });
  });
});

test('a rollback that was asked for leaves a stateful service as released, and says so', async () => {
  const script = createScript(plan({ service: 'db', stateful: true, routes: [] }, api)).on(drain, blocks);
  const play = await stage.play(script);
  await script.until(`+${drain}`);
  await play.until('the other one done', ({ steps }) => steps['db/retire/shop-db-r1-1']?.state === 'done');
  await play.signal('rollback');
  expect(await play.end()).toMatchObject({
    outcome: 'rolled-back',
    result: { revisions: { db: 2, api: 1 }, stayed: ['db'] },
  });
});

describe('a platform that is tested as a whole', () => {
  const [before, during, after] = ['before', 'during', 'after'].map((moment) => `platform/test/${moment}/smoke`) as [
    string,
    string,
    string,
  ];
  const db = { service: 'db', stateful: true, on_failure: 'rollback' as const };
  const isHeld = ({ phase }: { phase: string }) => phase === 'held';

  test('is tested before the first change, all along, and at the end, from the files of the release', async () => {
    const left = { elapsed: 1_000, memory: {}, note: '3 measurements passed' };
    const play = await stage.play(createScript(planTested(api, web)).on(during, leaves(left)));
    expect(await play.end()).toMatchObject({ outcome: 'released', result: { revisions: { api: 2, web: 2 } } });
    expectNeedsFirst(play.script);
    const { steps } = await play.status();
    expect(steps[during]).toMatchObject({ state: 'done', note: left.note });
    const tests = play.script.acts.filter(({ id }) => [before, during, after].includes(id));
    expect(tests.map(({ input }) => input.source?.folder)).toEqual(['/shop', '/shop', '/shop']);
  });

  test('takes every service back if it fails at the end, and one that writes to a volume too', async () => {
    const play = await stage.play(createScript(planTested(db, web)).on(after, fails('smoke-failed')));
    const { outcome, result } = await play.end();
    expect([outcome, result?.revisions, result?.stayed]).toEqual(['failed', { db: 1, web: 1 }, undefined]);
    await expectUndone(play);
  });

  test('leaves such a service alone where another one fails', async () => {
    const script = createScript(planTested(db, web)).on('web/probe/shop-web-r2-1', async (act, script) => {
      await script.until('-db/retire/shop-db-r1-1');
      return await fails('not-ready')(act, script);
    });
    const play = await stage.play(script);
    expect((await play.end()).result).toMatchObject({ revisions: { db: 2, web: 1 }, stayed: ['db'] });
    expect(play.script.begun()).not.toContain(after);
  });

  test('holds before any change if it fails already, and whoever skips that is asked again at the end', async () => {
    const script = createScript(planTested(api)).on(before, fails('inconclusive')).on(after, fails('inconclusive'));
    const play = await stage.play(script);
    await play.until('held', isHeld);
    expect(script.begun()).not.toContain('api/configure');
    await play.signal('skip', { by: 'ann' });
    await play.until('held at the end', (status) => isHeld(status) && status.steps[after]?.state === 'failed');
    expect(script.acts.find(({ id }) => id === after)?.input.failsBefore).toBe('a person skipped it then');
    await play.signal('skip', { by: 'ann' });
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('begins nothing of any service beside a series that has failed', async () => {
    const hold = { on_failure: 'hold' as const };
    const launches = ['api/launch/shop-api-r2-1', 'web/launch/shop-web-r2-1'];
    const script = createScript(planTested({ ...api, ...hold }, { ...web, ...hold })).on(
      during,
      async (act, script) => {
        await Promise.all(launches.map((id) => script.until(`+${id}`)));
        return await fails('smoke-failed')(act, script);
      },
    );
    for (const id of launches) script.on(id, blocks);
    const play = await stage.play(script);
    await play.until('held', isHeld);
    script.releaseAll();
    await play.until('both run', ({ steps }) => launches.every((id) => steps[id]?.state === 'done'));
    expect(script.begun().filter((id) => id.includes('/probe/'))).toEqual([]);
    await play.update('retry', { by: 'ann', step: during });
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });
});

describe('a step that fails before it has changed anything', () => {
  const plans = () => [
    plan({ instances: 2, validate: [smoke('before')] }),
    plan({ strategy: { kind: 'recreate' } }),
    planFronted(),
  ];
  // Failures after the record turn nothing, and a watch may be over before.
  const isTelling = (step: Step) => step.kind !== 'cleanup' && !(step.kind === 'validate' && step.until);
  const kindsOf = ({ steps }: Plan) => [...new Set(steps.filter(isTelling).map(({ kind }) => kind))];
  const cases = plans().flatMap((one, index) => kindsOf(one).map((kind) => [kind, index] as const));

  test.each(cases)('is not undone: %s of plan %i fails, and the same cause holds no way back', async (kind, index) => {
    const given = plans()[index]!;
    const { id } = given.steps.find((step) => step.kind === kind && isTelling(step))!;
    const script = createScript(given).on(id, failsUntouched);
    for (const step of given.undo.filter(({ undoes }) => undoes === id)) script.on(step.id, failsUntouched);
    const play = await stage.play(script);
    expect(await play.end()).toMatchObject({ outcome: 'failed', result: { cause: { step: id } } });
    await expectUndone(play, id);
  });
});

describe('an undo that fails', () => {
  const back = 'api/undo/retire/shop-api-r2-1';

  test('holds and says so; tried again it finishes', async () => {
    const script = createScript(plan()).on(probe, fails('not-ready')).on(back, fails('launch-failed', 'cannot stop'));
    const play = await stage.play(script);
    const held = await play.until('held', ({ waiting }) => waiting.length > 0);
    expect(held).toMatchObject({
      phase: 'rolling-back',
      waiting: [{ kind: 'held', step: back, command: `belay retry --step ${back}` }],
    });
    expect(await play.update('retry', { by: 'ann' })).toBe('retry: heard');
    expect(await play.end()).toMatchObject({
      type: 'failed',
      result: { outcome: 'failed', cause: { code: 'not-ready' } },
    });
    await expectUndone(play);
    expect(script.acts.filter((act) => act.id === back).map((act) => act.input.round)).toEqual([1, 2]);
  });

  test('and is given up ends it incomplete', async () => {
    const script = createScript(plan()).on(probe, fails('not-ready')).on(back, fails('launch-failed', 'cannot stop'));
    const play = await stage.play(script);
    await play.until('held', ({ waiting }) => waiting.length > 0);
    await play.signal('skip', { by: 'ann' });
    expect(await play.end()).toMatchObject({ type: 'incomplete', result: { outcome: 'incomplete' } });
    // The host is mixed: a rollback has to find that the revision was begun.
    expect(script.acts.find((act) => act.id === 'api/undo/record')?.input.step).toMatchObject({ state: 'pending' });
  });

  test('and is mended leaves no cause behind in a rollback that was asked for', async () => {
    const script = createScript(plan()).on(probe, blocks).on(back, fails('launch-failed', 'cannot stop'));
    const play = await stage.play(script);
    await script.until(`+${probe}`);
    await play.signal('rollback');
    await play.until('held', ({ waiting }) => waiting.length > 0);
    await play.update('retry');
    expect(await play.end()).toEqual({
      closed: 'completed',
      outcome: 'rolled-back',
      result: { outcome: 'rolled-back', platform: 'shop', revisions: { api: 1 }, leaves: [expect.any(String)] },
    });
  });
});

describe('a cancel from outside', () => {
  test('rolls back, and ends as cancelled', async () => {
    const play = await stage.play(createScript(plan()).on(drain, blocks));
    await play.script.until(`+${drain}`);
    await play.handle.cancel();
    expect(await play.end()).toMatchObject({ closed: 'cancelled' });
    await expectUndone(play);
    expect(await play.status()).toMatchObject({
      outcome: 'cancelled',
      phase: 'closed',
      heard: [{ message: 'cancel' }],
    });
  });

  test('while the plan is made leaves everything as it is', async () => {
    const play = await stage.play(createScript(plan()).on('plan', blocks));
    await play.script.until('+plan');
    await play.handle.cancel();
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ closed: 'cancelled' });
    expect(play.script.begun()).toEqual(['plan']);
  });

  test('during a rollback changes nothing about it', async () => {
    const play = await stage.play(createScript(plan()).on(probe, fails('not-ready')).on('api/undo/claim', blocks));
    await play.script.until('+api/undo/claim');
    await play.handle.cancel();
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ closed: 'failed', outcome: 'failed' });
    await expectUndone(play);
  });

  test('comes too late when everything is recorded', async () => {
    const play = await stage.play(createScript(plan()).on('api/cleanup', blocks));
    await play.script.until('+api/cleanup');
    await play.handle.cancel();
    await play.until('heard', ({ heard }) => heard.length > 0);
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'released' });
    expect(undone(play.script)).toEqual([]);
  });
});

describe('a rollback workflow', () => {
  test('takes the former revision again without pulling, and ends as reverted', async () => {
    const play = await stage.play(planBack(), { kind: 'rollback' });
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'reverted' });
    expect(forward(play.script)).not.toContain('api/pull');
    expect(await play.status()).toMatchObject({ kind: 'rollback' });
  });

  test('is never rolled back: asked to, it refuses; a step that fails holds', async () => {
    const script = createScript(planBack()).on(probe, fails('not-ready'));
    const play = await stage.play(script, { kind: 'rollback' });
    await play.until('held', ({ phase }) => phase === 'held');
    await expect(play.update('rollback')).rejects.toMatchObject({
      cause: { message: 'a rollback is never rolled back' },
    });
    await play.signal('rollback');
    await play.update('retry');
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'reverted' });
    expect(undone(script)).toEqual([]);
  });

  test('is given up where it stands when a step that changes the host is skipped', async () => {
    const script = createScript(planBack()).on(probe, fails('not-ready'));
    const play = await stage.play(script, { kind: 'rollback' });
    await play.until('held', ({ phase }) => phase === 'held');
    await play.update('skip', { by: 'ann', step: probe });
    expect(await play.end()).toMatchObject({
      type: 'incomplete',
      result: { outcome: 'incomplete', cause: { code: 'not-ready', step: probe } },
    });
    expect(script.begun()).not.toContain('api/swap/shop-api-r2-1');
    expect(undone(script)).toEqual([]);
  });

  test('refused by the fence ends as failed: it has begun nothing', async () => {
    const play = await stage.play(createScript(planBack()).on('api/claim', fails('held-by-another')), {
      kind: 'rollback',
    });
    expect(await play.end()).toMatchObject({ type: 'failed', result: { cause: { code: 'held-by-another' } } });
    expect(play.script.begun()).toEqual(['plan', 'api/claim']);
  });

  test('that is cancelled stops where it is', async () => {
    const play = await stage.play(createScript(planBack()).on(probe, blocks), { kind: 'rollback' });
    await play.script.until(`+${probe}`);
    await play.handle.cancel();
    expect(await play.end()).toMatchObject({ type: 'incomplete' });
    expect(undone(play.script)).toEqual([]);
  });
});

test('an environment goes by its likely name until the plan says what it is called', async () => {
  const script = createScript({ ...plan(), platform: 'quality' });
  const play = await stage.play(script, { input: { env: 'qa' } });
  expect(await play.end()).toMatchObject({ result: { outcome: 'released', platform: 'quality' } });
  const { events } = await play.handle.fetchHistory();
  const shown = (events ?? []).flatMap((event) => {
    const fields = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
    return fields ? [JSON.parse(Buffer.from(fields.BelayPlatform!.data!).toString())] : [];
  });
  expect(shown.flat()).toEqual(['shop-qa', 'quality', 'quality']);
});

describe('a drop workflow', () => {
  test('takes instances out of traffic before what is kept of them, and says what it has freed', async () => {
    const script = createScript(planAway()).on('api/drop', async () => ({ note: 'artifacts removed: 2', freed: 5 }));
    const play = await stage.play(script, { kind: 'drop' });
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'removed', result: { freed: 5 } });
    expect(script.begun()).toEqual([
      'plan',
      'api/claim',
      'api/swap/shop-api-r1-1',
      'api/drain/shop-api-r1-1',
      'api/retire/shop-api-r1-1',
      'api/drop',
    ]);
  });

  test('is never rolled back; a step that fails holds, and is tried again', async () => {
    const script = createScript(planAway()).on('api/drop', fails('ledger-damaged'));
    const play = await stage.play(script, { kind: 'drop' });
    await play.until('held', ({ phase }) => phase === 'held');
    await expect(play.update('rollback')).rejects.toMatchObject({
      cause: { message: 'a drop is never rolled back' },
    });
    await play.update('retry');
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'removed' });
  });

  test('refused by the fence has begun nothing', async () => {
    const play = await stage.play(createScript(planAway()).on('api/claim', fails('held-by-another')), { kind: 'drop' });
    expect(await play.end()).toMatchObject({ type: 'failed', result: { cause: { code: 'held-by-another' } } });
  });
});

describe('a prune workflow', () => {
  const removal = {
    platform: 'other',
    service: 'web',
    instances: [],
    proxies: [],
    servers: [],
    images: [],
    configurations: [1],
    logs: [],
    leftovers: [],
  };
  const planOfPrune = (): Plan => {
    const id = 'other/web/prune';
    const step = { kind: 'prune' as const, id, service: 'web', host: 'h', epoch: 2, needs: [], removal };
    return { ...planAway(), platform: '*', steps: [step], removals: [removal] };
  };

  test('gives each step the platform that it is about', async () => {
    const seen: string[] = [];
    const script = createScript(planOfPrune()).on('other/web/prune', async ({ input }) => {
      seen.push(input.platform);
      return {};
    });
    const play = await stage.play(script, { kind: 'prune' });
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'removed' });
    expect(seen).toEqual(['other']);
  });

  test('that fails is left for the next time', async () => {
    const script = createScript(planOfPrune()).on('other/web/prune', fails('ledger-damaged'));
    const play = await stage.play(script, { kind: 'prune' });
    expect(await play.end()).toMatchObject({ type: 'left', result: { cause: { code: 'ledger-damaged' } } });
  });
});

describe('an instance that somebody has removed', () => {
  const swap = 'api/swap/shop-api-r2-1';
  const gone = failsAsGone('shop-api-r2-1');
  const isHeld = ({ phase }: { phase: string }) => phase === 'held';

  test('is launched again by a retry of the step that misses it', async () => {
    const play = await stage.play(createScript(plan({ on_failure: 'hold' })).on(swap, gone));
    const { waiting } = await play.until('held', isHeld);
    expect(waiting).toMatchObject([
      { text: expect.stringMatching(/; retry starts it again$/), command: `belay retry --step ${swap}` },
    ]);
    await play.update('retry');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    const { script } = play;
    expect([launch, probe, swap].map((id) => script.count(`+${id}`))).toEqual([2, 2, 2]);
    expect(script.events.lastIndexOf(`-${launch}`)).toBeLessThan(script.events.lastIndexOf(`+${probe}`));
    expect(script.events.lastIndexOf(`-${probe}`)).toBeLessThan(script.events.lastIndexOf(`+${swap}`));
  });

  test('is launched again for a watch too, and a skip of that is refused with what works', async () => {
    const removed: Behaviour = async (act, script) => {
      await script.until(`-${swap}`);
      return await gone(act, script);
    };
    const play = await stage.play(
      createScript(plan({ on_failure: 'hold' }))
        .on(watch, removed)
        .on(drain, blocks),
    );
    await play.until('held', isHeld);
    await expect(play.update('skip', { step: watch })).rejects.toMatchObject({
      cause: {
        message: `${watch} cannot be skipped: shop-api-r2-1 is gone, and the release needs it: belay retry starts it again, belay rollback goes back`,
      },
    });
    await play.update('retry');
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect([launch, swap].map((id) => play.script.count(`+${id}`))).toEqual([2, 2]);
    // A third instance may have the port and the server of the one that has left.
    const swaps = play.script.acts.filter(({ id }) => id === swap).map(({ input }) => input.step as StepOf<'swap'>);
    expect(swaps.map(({ enter, leave }) => [enter?.name, leave?.name])).toEqual([
      ['shop-api-r2-1', 'shop-api-r1-1'],
      ['shop-api-r2-1', undefined],
    ]);
  });

  test('that was there before the release has to run for a watch that is tried again', async () => {
    const given = plan({ on_failure: 'hold' });
    const warm = { name: 'shop-api-r2-9', revision: 2, ports: {}, slots: [] };
    const steps = given.steps.map((step) => (step.id === watch ? ({ ...step, instances: [warm] } as Step) : step));
    const play = await stage.play(
      createScript({ ...given, steps })
        .on(watch, failsAsGone(warm.name))
        .on(drain, blocks),
    );
    await play.until('held', isHeld);
    await play.update('retry');
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    const inputs = play.script.acts.filter(({ id }) => id === watch).map(({ input }) => input);
    expect(inputs.map(({ admitted }) => admitted)).toEqual([undefined, [warm.name]]);
  });

  test('is only launched again, where a rollback workflow misses it', async () => {
    const play = await stage.play(createScript(planBack()).on(swap, gone), { kind: 'rollback' });
    const { waiting } = await play.until('held', isHeld);
    expect(waiting).toEqual([expect.objectContaining({ command: `belay retry --step ${swap}` })]);
    expect(waiting[0]).not.toHaveProperty('otherwise');
    await expect(play.update('skip')).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/: belay retry starts it again$/) },
    });
    await play.update('retry');
    expect(await play.end()).toMatchObject({ outcome: 'reverted' });
  });

  test('is not launched on the way back, and the command that ends the wait is the one that works', async () => {
    const back = 'api/undo/retire/shop-api-r2-1';
    const script = createScript(plan()).on(probe, fails('not-ready')).on(back, failsAsGone('shop-api-r1-1'));
    const play = await stage.play(script);
    const { waiting } = await play.until('held', (status) => status.waiting.length > 0);
    expect(waiting).toMatchObject([
      {
        text: expect.stringMatching(/no step starts it again: skip goes on without it, and then belay release/),
        command: `belay skip --step ${back}`,
      },
    ]);
    await play.update('skip');
    expect(await play.end()).toMatchObject({ type: 'incomplete' });
  });

  test('with a share of the traffic can only be left by a rollback', async () => {
    const strategy = { kind: 'canary' as const, steps: [{ weight: 50, soak: 0, approve: false }] };
    const play = await stage.play(
      createScript(plan({ strategy, instances: 2, on_failure: 'hold' })).on('api/record', gone),
    );
    const { waiting } = await play.until('held', isHeld);
    expect(waiting).toMatchObject([
      { text: expect.stringMatching(/: roll back, and release again$/), command: 'belay rollback' },
    ]);
    await play.signal('rollback');
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
  });
});

describe('a plan whose steps wait for each other', () => {
  const swap = 'api/swap/shop-api-r2-1';
  const back = 'api/undo/retire/shop-api-r2-1';
  const waitingFor = (steps: Step[], id: string, need: string): Step[] =>
    steps.map((step) => (step.id === id ? { ...step, needs: [...step.needs, need] } : step));

  test('holds with their names on the way there, and can go back', async () => {
    const given = plan();
    const play = await stage.play({ ...given, steps: waitingFor(given.steps, swap, drain) });
    const { waiting, cause } = await play.until('held', ({ phase }) => phase === 'held');
    expect(waiting).toMatchObject([{ kind: 'held', step: swap, command: 'belay rollback' }]);
    expect(waiting[0]!.text).toMatch(
      /^the plan is faulty, and the release cannot continue: api\/swap\/shop-api-r2-1 waits for api\/drain\/shop-api-r1-1; api\/drain\/shop-api-r1-1 waits for api\/swap\/shop-api-r2-1; /,
    );
    expect(cause).toMatchObject({ code: 'unexpected', step: swap });
    await play.signal('rollback');
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
    expect(undone(play.script)).not.toContain('api/undo/swap/shop-api-r2-1');
  });

  test('holds on the way back until they are given up', async () => {
    const given = plan();
    const undo = waitingFor(given.undo, back, 'api/undo/record');
    const play = await stage.play(createScript({ ...given, undo }).on(probe, fails('not-ready')));
    const { waiting } = await play.until('held', (status) => status.waiting.length > 0);
    expect(waiting).toMatchObject([{ kind: 'held', step: back, command: `belay skip --step ${back}` }]);
    await play.signal('skip');
    expect(await play.end()).toMatchObject({ type: 'incomplete' });
  });
});
