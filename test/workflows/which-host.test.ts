import { cancelled, heartbeat } from '@temporalio/activity';
import { connectBelay } from '../../src/client';
import { createHandle } from '../../src/client/handle';
import { waitFor } from '../../testbed/wait';
import { onHost, plan } from './plans';
import { type Behaviour, blocks, createScript, failsForGood, falls, heldBy, type Script } from './script';
import { createStage, type Play, type Stage } from './stage';

/** The named host makes the plan if several hosts share one Temporal. */

const launch = 'api/launch/shop-api-r2-1';
const absence = 'host web-2 has no worker to make the plan';
const hint = 'check the name, and whether the worker runs on that host';

let stage: Stage;
/** All of them ask hosts that have no worker. So all wait at the same time for that to show. */
let away: Record<
  'step' | 'lost' | 'back' | 'dry' | 'turned' | 'cancelled' | 'returning' | 'queued' | 'overtaken' | 'drop',
  Play
>;
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
    drop: await stage.play(plan(), { kind: 'drop', input: { host: 'web-2' } }),
    overtaken: await ask('web-2', { platform: 'cart' }),
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
const beats: Behaviour = async () => {
  const timer = setInterval(() => heartbeat({ elapsed: 7 }), 50);
  try {
    await cancelled();
  } finally {
    clearInterval(timer);
  }
  return {};
};

/** The page shows it, after ten seconds. */
const untilShown = (play: Play) => play.until('it says so', ({ waiting }) => waiting.length > 0);

/** Temporal's lists come after what happens. */
const untilListed = (expectations: () => Promise<void>) =>
  waitFor({ what: 'the list says so', until: () => expectations().then(() => true) });

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
        message: `${absence} → ${hint}: belay doctor`,
        details: [{ hint: `${hint}: belay doctor` }],
      },
    });
  });

  test('a release says so, and a rollback ends it with nothing begun', async () => {
    const { waiting } = await untilShown(away.turned);
    const text = `${absence}; it waits for one: ${hint}. A cancel ends the wait (Request Cancellation in the Web UI)`;
    expect(waiting).toMatchObject([
      { kind: 'unreachable', text, command: 'belay doctor', otherwise: 'belay rollback' },
    ]);
    await away.turned.signal('rollback', { by: 'ann' });
    expect(await away.turned.end()).toMatchObject({ closed: 'completed', outcome: 'rolled-back' });
    expect(away.turned.script.begun()).toEqual([]);
  });

  test('what is no release says that only a cancel ends it', async () => {
    const { waiting } = await untilShown(away.drop);
    expect(waiting.map(({ otherwise }) => otherwise)).toEqual([undefined]);
    await away.drop.handle.cancel();
    expect(await away.drop.end()).toMatchObject({ closed: 'cancelled' });
  });

  test('whoever asks for the status hears which hosts have workers', async () => {
    await untilShown(away.overtaken);
    const { waiting } = await createHandle(stage.client, away.overtaken.handle.workflowId).status();
    expect(waiting).toMatchObject([{ text: expect.stringMatching(/\nhosts with a worker: h$/) }]);
  });

  test('a release that is turned back then does not hide one that was released meanwhile', async () => {
    const belay = await connectBelay(stage.client);
    const { overtaken } = away;
    const released = await stage.play({ ...plan(), platform: 'cart' }, { input: { host: 'h', platform: 'cart' } });
    await released.end();
    const ids = [overtaken, released].map(({ handle }) => handle.workflowId);
    expect(await belay.find('cart', { ended: true })).toMatchObject({ workflowId: ids[0], unbegun: [] });
    await overtaken.signal('rollback', { by: 'ann' });
    await overtaken.end();
    await untilListed(async () => {
      expect(await belay.find('cart')).toBeUndefined();
      expect(await belay.find('cart', { ended: true })).toMatchObject({
        workflowId: ids[1],
        unbegun: [{ workflowId: ids[0], end: 'was rolled back before it started' }],
      });
    });
  });

  test('a platform that nobody knows has no release, where one that was refused otherwise is all there is', async () => {
    const belay = await connectBelay(stage.client);
    const refused = async (platform: string, code: 'platform-unknown' | 'image-unknown') => {
      const script = createScript(plan()).on('plan', failsForGood(code));
      const play = await stage.play(script, { input: { platform } });
      await play.end();
      return play.handle.workflowId;
    };
    await refused('crat', 'platform-unknown');
    const bad = await refused('blog', 'image-unknown');
    await untilListed(async () => {
      expect(await belay.find('blog', { ended: true })).toMatchObject({ workflowId: bad, unbegun: [] });
    });
    expect(await belay.find('crat', { ended: true })).toBeUndefined();
    expect(await belay.platforms()).toEqual(['cart', 'shop']);
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
    // The time is that of the workflow task that asked for it, which may be a moment older.
    expect(Math.abs(Date.parse(since) - Date.parse(steps[launch]!.startedAt!))).toBeLessThan(2_000);
  });

  test('is no more named once a worker says that it has it, and fails nothing', async () => {
    const { step: play } = away;
    await untilShown(play);
    await stage.host('web-5');
    await play.script.until(`+${launch}`);
    const { input } = play.script.acts.find(({ id }) => id === launch)!;
    expect(input).toMatchObject({ late: true });
    expect(input.round).toBeGreaterThan(1);
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
    const { input } = play.script.acts.filter(({ id }) => id === launch).at(-1)!;
    expect(input).toMatchObject({ late: true, left: { elapsed: 7 } });
    expect(input.round).toBeGreaterThan(1);
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
