import { heartbeat } from '@temporalio/activity';
import { onHost, plan } from './plans';
import { type Behaviour, blocks, createScript, falls, heldBy, type Script } from './script';
import { createStage, type Play, type Stage } from './stage';

/** Where several hosts share one Temporal, the host that is named makes the plan. */

const launch = 'api/launch/shop-api-r2-1';
const absence = 'host web-2 has no worker, so nobody makes the plan';
const hint = 'check the name, and on that host whether its worker runs';

let stage: Stage;
/** All of them ask hosts that have no worker, so all wait at the same time for that to be shown. */
let away: Record<'step' | 'lost' | 'back' | 'dry' | 'turned' | 'cancelled' | 'returning' | 'queued', Play>;
beforeAll(async () => {
  stage = await createStage();
  const ask = (
    host: string,
    { script = createScript(plan()), ...input }: { script?: Script; [key: string]: unknown },
  ) => stage.play(script, { input: { host, ...input } });
  const there = (host: string) => onHost(plan(), launch, host);
  const stop = await stage.host('web-6');
  away = {
    step: await stage.play(createScript(there('web-5')).on(launch, blocks)),
    lost: await stage.play(createScript(there('web-6')).on(launch, beats, blocks)),
    back: await stage.play(there('web-2')),
    dry: await ask('web-2', { dry_run: true }),
    turned: await ask('web-2', {}),
    cancelled: await ask('web-2', {}),
    returning: await ask('web-3', { script: createScript(plan()).on(launch, blocks) }),
    queued: await ask('web-3', {
      when_running: 'queue',
      script: createScript(plan()).on('plan', heldBy('release/shop/1')),
    }),
  };
  await away.lost.script.until(`+${launch}`);
  await stop();
});
afterAll(() => stage.close());

/** Says how far it has come, and goes on until its worker goes. */
const beats: Behaviour = async (act, script) => {
  heartbeat({ elapsed: 7 });
  return await blocks(act, script);
};

/** The page shows it, after ten seconds. */
const untilShown = (play: Play) => play.until('it says so', ({ waiting }) => waiting.length > 0);

/** The task queues on which plans were asked for. */
async function planners({ handle }: Play): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  const all = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: one }) => one ?? []);
  return all.flatMap(({ activityType, taskQueue }) => (activityType?.name?.startsWith('plan') ? taskQueue!.name! : []));
}

test.each([
  ['release', 'h', 'belay-host-h'],
  ['release', undefined, 'belay'],
  ['rollback', 'h', 'belay-host-h'],
  ['drop', 'h', 'belay-host-h'],
  ['prune', 'h', 'belay-host-h'],
  ['retire', 'h', 'belay-host-h'],
])('a %s on host %s is planned by %s', async (kind, host, queue) => {
  const play = await stage.play(plan(), { kind, input: { host } });
  await play.end();
  expect(await planners(play)).toEqual([queue]);
});

test('a worker that is lost while it makes the plan is asked again', async () => {
  const play = await stage.play(createScript(plan()).on('plan', falls), { input: { host: 'h' } });
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  expect(play.script.acts.filter(({ id }) => id === 'plan').map(({ attempt }) => attempt)).toEqual([1, 2]);
});

describe('where the host has no worker', () => {
  test('a dry run fails', async () => {
    await expect(away.dry.handle.result()).rejects.toMatchObject({
      cause: {
        type: 'worker-unreachable',
        message: absence,
        details: [{ hint: `${hint}: belay doctor` }],
      },
    });
  });

  test('a release says so, and a rollback ends it with nothing begun', async () => {
    const { waiting } = await untilShown(away.turned);
    expect(waiting).toMatchObject([{ kind: 'unreachable', text: `${absence}: ${hint}`, command: 'belay doctor' }]);
    await away.turned.signal('rollback', { by: 'ann' });
    expect(await away.turned.end()).toMatchObject({ closed: 'completed', outcome: 'rolled-back' });
    expect(away.turned.script.begun()).toEqual([]);
  });

  test('a cancel from outside ends it with nothing begun', async () => {
    await untilShown(away.cancelled);
    await away.cancelled.handle.cancel();
    expect(await away.cancelled.end()).toMatchObject({ closed: 'cancelled' });
    expect(away.cancelled.script.begun()).toEqual([]);
  });

  test('a release goes on once the worker comes, and says no more that it is away', async () => {
    const { returning, queued } = away;
    await Promise.all([untilShown(returning), untilShown(queued)]);
    await stage.host('web-3');
    await returning.script.until(`+${launch}`);
    expect(await returning.status()).toMatchObject({ phase: 'releasing', waiting: [] });
    returning.script.release(launch);
    expect(await returning.end()).toMatchObject({ outcome: 'released' });
    expect(await planners(returning)).toEqual(['belay-host-web-3', 'belay-host-web-3']);
  });

  test('one that queues waits for the host first, then for the other release', async () => {
    const { queued } = away;
    expect(await queued.end()).toMatchObject({ outcome: 'released' });
    expect(await planners(queued)).toEqual(Array(3).fill('belay-host-web-3'));
    expect(await queued.status()).toMatchObject({ waiting: [] });
  });
});

describe('a step that no worker picks up', () => {
  const unseen = (host: string) => `host ${host}: no worker has picked up api: launch shop-api-r2-1`;

  test('is named with its host, and since when it waits', async () => {
    const { step: play } = away;
    const { waiting, steps } = await untilShown(play);
    expect(waiting).toMatchObject([
      { kind: 'unreachable', step: launch, text: unseen('web-5'), command: 'belay doctor' },
    ]);
    const { since } = waiting[0]!;
    // Of the workflow task that asked for it, which may be a moment older.
    expect(Math.abs(Date.parse(since) - Date.parse(steps[launch]!.startedAt!))).toBeLessThan(2_000);
  });

  test('is no more named once a worker says that it has it, and fails nothing', async () => {
    const { step: play } = away;
    await untilShown(play);
    await stage.host('web-5');
    await play.script.until(`+${launch}`);
    expect(play.script.acts.find(({ id }) => id === launch)?.input).toMatchObject({ late: true, round: 2 });
    await play.signal('progress', { step: launch, note: 'picked up' });
    await play.until('nothing is waited for', ({ waiting }) => waiting.length === 0);
    play.script.release(launch);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('goes on from where the worker was that has gone', async () => {
    const { lost: play } = away;
    expect((await untilShown(play)).waiting).toMatchObject([{ text: unseen('web-6') }]);
    await stage.host('web-6');
    await play.script.until(`+${launch}`, 2);
    expect(play.script.acts.filter(({ id }) => id === launch).at(-1)?.input).toMatchObject({
      late: true,
      round: 2,
      left: { elapsed: 7 },
    });
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect((await play.status()).waiting).toEqual([]);
  });

  test('does not keep the release from going back', async () => {
    const { back: play } = away;
    await untilShown(play);
    await play.signal('rollback', { by: 'ann' });
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'rolled-back' });
  });
});
