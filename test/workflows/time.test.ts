import type { Plan } from '../../src/model/plan';
import { expectUndone, undone } from './expectations';
import { plan } from './plans';
import { createScript, fails, failsForGood, falls, losesItsWorker } from './script';
import { createStage, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage({ time: 'skipping' });
});
afterAll(() => stage.close());

const launch = 'api/launch/shop-api-r2-1';
const probe = 'api/probe/shop-api-r2-1';
const back = 'api/undo/retire/shop-api-r2-1';
const day = 86_400_000;
const silent = 'the engine does not answer';

test('an approval after three days is still in time', async () => {
  const gated = { instances: 2, strategy: { kind: 'rolling' as const, surge: 1, unavailable: 0, pause_after: 1 } };
  const play = await stage.play(withoutWatch(plan(gated)));
  const { waiting } = await play.until('at the gate', (status) => status.waiting.length > 0);
  await stage.sleep(3 * day);
  await play.update('approve', { by: 'ann' });
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  const { heard } = await play.status();
  expect(Date.parse(heard[0]!.at) - Date.parse(waiting[0]!.since)).toBeGreaterThanOrEqual(3 * day);
});

describe('a host out of reach', () => {
  test('is tried again by Temporal, then again and again by the walk, and nothing is rolled back', async () => {
    const outages = Array.from({ length: 12 }, () => fails('engine-unreachable', silent));
    const play = await stage.play(createScript(plan()).on(launch, ...outages));
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    const tries = play.script.acts.filter((act) => act.id === launch).map((act) => `${act.input.round}.${act.attempt}`);
    expect(tries).toEqual(['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6', '3.1']);
    expect(undone(play.script)).toEqual([]);
  });

  test('is named as what is waited for, and no more once it answers', async () => {
    const play = await stage.play(createScript(plan()).on(launch, failsForGood('engine-unreachable', silent)));
    const status = await play.until('out of reach', ({ waiting }) => waiting.length > 0);
    expect(status).toMatchObject({
      phase: 'releasing',
      steps: { [launch]: { state: 'unreachable', failure: { code: 'engine-unreachable' } } },
      waiting: [
        {
          kind: 'unreachable',
          step: launch,
          text: `h: ${silent}; Belay tries again until it answers; retry tries at once`,
        },
      ],
    });
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    const { steps, waiting } = await play.status();
    expect(waiting).toEqual([]);
    expect(steps[launch]?.failure).toBeUndefined();
  });

  test('is tried again at once when somebody says so', async () => {
    const away = failsForGood('engine-unreachable', silent);
    const play = await stage.play(createScript(plan()).on(launch, away, away));
    for (const times of [1, 2]) {
      await play.script.until(`!${launch}`, times);
      await play.until('out of reach', ({ waiting }) => waiting.length > 0);
      await play.update('retry', { by: 'ann', step: launch });
    }
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    const { heard, steps } = await play.status();
    expect(heard.map(({ message }) => message)).toEqual(['retry', 'retry']);
    expect(steps[launch]).toMatchObject({ state: 'done' });
  });

  test('does not keep a rollback from being begun', async () => {
    const play = await stage.play(createScript(plan()).on(launch, failsForGood('engine-unreachable', silent)));
    await play.until('out of reach', ({ waiting }) => waiting.length > 0);
    await play.update('rollback');
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
    await expectUndone(play);
  });

  test('is waited for on the way back too', async () => {
    const script = createScript(plan())
      .on(probe, fails('not-ready'))
      .on(back, failsForGood('engine-unreachable', silent));
    const play = await stage.play(script);
    await play.until('out of reach', ({ waiting }) => waiting.length > 0);
    expect(await play.end()).toMatchObject({ type: 'failed', result: { cause: { code: 'not-ready' } } });
    await expectUndone(play);
  });
});

test('a worker that dies in the middle of a step is noticed, and the step is tried again', async () => {
  const play = await stage.play(createScript(plan()).on(probe, falls));
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  expect(play.script.acts.filter((act) => act.id === probe).map((act) => act.attempt)).toEqual([1, 2]);
  expect(undone(play.script)).toEqual([]);
});

describe('planning that loses its worker', () => {
  const text = 'the worker was lost while it made the plan; Belay asks again in a while';

  test('is tried again, and the release says so and goes on', async () => {
    const play = await stage.play(createScript(plan()).on('plan', losesItsWorker, losesItsWorker));
    const { waiting } = await play.until('it says so', (status) => status.waiting.length > 0);
    expect(waiting).toMatchObject([{ kind: 'unreachable', text, command: 'belay doctor' }]);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect((await play.status()).waiting).toEqual([]);
  });

  test('ends on a rollback with nothing begun', async () => {
    const play = await stage.play(createScript(plan()).on('plan', losesItsWorker));
    await play.until('it says so', (status) => status.waiting.length > 0);
    await play.signal('rollback', { by: 'ann' });
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'rolled-back' });
    expect(play.script.begun()).toEqual(['plan']);
  });

  test('fails a dry run, which nobody waits for', async () => {
    const play = await stage.play(createScript(plan()).on('plan', losesItsWorker), { input: { dry_run: true } });
    expect(await play.end()).toMatchObject({ closed: 'failed', type: 'WorkerShutdown' });
  });
});

/** The server does not skip time while an activity runs. */
function withoutWatch(given: Plan): Plan {
  const watch = 'api/validate/up';
  const steps = given.steps.filter((step) => step.id !== watch);
  return { ...given, steps: steps.map((step) => ({ ...step, needs: step.needs.filter((need) => need !== watch) })) };
}
