import { RawValue } from '@temporalio/common';
import { createHandle } from '../../src/client/handle';
import { type Message, messages, wrongData } from '../../src/model/messages';
import { ann, expectNeedsFirst, expectRefused, expectUndone, forward, isHeld, refusal, undone } from './expectations';
import { plan, smoke } from './plans';
import { blocks, blocksThenAnswers, createScript, fails, failsWhenCancelled } from './script';
import { createStage, type Play, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const launch = 'api/launch/shop-api-r2-1';
const probe = 'api/probe/shop-api-r2-1';
const swap = 'api/swap/shop-api-r2-1';
const drain = 'api/drain/shop-api-r1-1';
const after = 'api/validate/after/smoke';

/** Recorded, and that it changed nothing. */
async function expectWithoutEffect(
  play: Play,
  message: Parameters<Play['update']>[0],
  sentence: string,
): Promise<void> {
  await play.signal(message, ann);
  const entry = {
    ...ann,
    message: `${message} (without effect: ${sentence})`,
    refused: sentence,
    at: expect.any(String),
  };
  const { heard } = await play.until('recorded', (status) => status.heard.at(-1)?.message === entry.message);
  expect(heard.at(-1)).toEqual(entry);
}

/** Lists in lists, under a key; no client of this language would write them. */
function nested(levels: number): RawValue {
  const data = Buffer.from(`{ "by": ${'['.repeat(levels)}${']'.repeat(levels)} }`);
  return RawValue.fromPayload({ metadata: { encoding: Buffer.from('json/plain') }, data });
}

const gated = { instances: 2, strategy: { kind: 'rolling' as const, surge: 1, unavailable: 0, pause_after: 1 } };
const isWaiting = ({ waiting }: { waiting: Array<{ kind: string }> }): boolean =>
  waiting.some((one) => one.kind === 'approval');
const nothing = 'nothing is waiting for an approval';

async function atGate(): Promise<Play> {
  const play = await stage.play(plan(gated));
  const { waiting } = await play.until('at the gate', isWaiting);
  expect(waiting).toMatchObject([
    {
      kind: 'approval',
      step: 'api/approve',
      command: 'belay approve',
      text: '1 of 2 instances of api run the new revision: go on?',
    },
  ]);
  expect(play.script.begun()).not.toContain('api/launch/shop-api-r2-2');
  return play;
}

describe('rollback', () => {
  test.each([
    ['drain', drain],
    ['probe', probe],
    ['launch', launch],
    ['watch', 'api/validate/up'],
  ])('in the middle of a running %s: it is cancelled, waited for, and then undone', async (_, step) => {
    const play = await stage.play(createScript(plan()).on(step, blocks).on('api/record', blocks));
    await play.script.until(`+${step}`);
    await play.signal('rollback', ann);
    expect(await play.end()).toMatchObject({
      closed: 'completed',
      outcome: 'rolled-back',
      result: { revisions: { api: 1 } },
    });
    expect(play.script.count(`~${step}`)).toBe(1);
    await expectUndone(play);
    expect((await play.status()).steps[step]).toMatchObject({ state: 'cancelled' });
  });

  test('takes back a step that was done all the same, and one that failed instead of being cancelled', async () => {
    const script = createScript(plan({ service: 'api' }, { service: 'web' }));
    const play = await stage.play(
      script.on(launch, failsWhenCancelled('launch-failed')).on('web/launch/shop-web-r2-1', blocks),
    );
    await Promise.all([script.until(`+${launch}`), script.until('+web/launch/shop-web-r2-1')]);
    await play.update('rollback');
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
    await expectUndone(play);
  });

  test('is heard while the release is paused, and its page speaks of a pause no more', async () => {
    const play = await stage.play(createScript(plan()).on(launch, blocks).on('api/undo/claim', blocks));
    await play.script.until(`+${launch}`);
    await play.signal('pause', ann);
    play.script.release(launch);
    await play.until('paused', ({ steps }) => steps[launch]?.state === 'done');
    await play.signal('rollback', ann);
    await play.script.until('+api/undo/claim');
    expect(await play.status()).toMatchObject({ phase: 'rolling-back', paused: false });
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
    await expectUndone(play);
  });

  test('takes back a failed step also when it waits to be tried again', async () => {
    const script = createScript(plan({ on_failure: 'hold' })).on(launch, fails('launch-failed'));
    const play = await stage.play(script);
    await play.until('held', isHeld);
    await play.signal('pause');
    await play.signal('retry');
    await play.until('to be tried again', ({ steps }) => steps[launch]?.state === 'waiting');
    await play.signal('rollback');
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
    await expectUndone(play);
    expect(undone(script)).toContain('api/undo/retire/shop-api-r2-1');
  });

  test('is refused when it rolls back already', async () => {
    const play = await stage.play(createScript(plan()).on(probe, fails('not-ready')).on('api/undo/claim', blocks));
    await play.script.until('+api/undo/claim');
    await expectRefused(play, 'rollback', 'it is rolling back already');
    await expectWithoutEffect(play, 'rollback', 'it is rolling back already');
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ type: 'failed' });
  });

  test('comes too late when everything is recorded', async () => {
    const play = await stage.play(createScript(plan()).on('api/cleanup', blocks));
    await play.script.until('+api/cleanup');
    const late = 'every service is released already; `belay rollback` takes them back';
    await expectRefused(play, 'rollback', late);
    await expectWithoutEffect(play, 'rollback', late);
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('while one of two services is recorded takes both back', async () => {
    const play = await stage.play(createScript(plan({ service: 'api' }, { service: 'web' })).on('web/record', blocks));
    await play.until('one recorded', ({ steps }) => steps['api/record']?.state === 'done');
    await play.script.until('+web/record');
    await play.update('rollback', ann);
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back', result: { revisions: { api: 1, web: 1 } } });
    await expectUndone(play);
  });
});

describe('pause and resume', () => {
  test('what runs finishes, nothing new starts, and it goes on after', async () => {
    const play = await stage.play(createScript(plan()).on(launch, blocks));
    await play.script.until(`+${launch}`);
    expect(await play.update('pause', ann)).toBe('pause: heard');
    play.script.release(launch);
    const status = await play.until('finished', ({ steps }) => steps[launch]?.state === 'done');
    expect(status).toMatchObject({ paused: true, phase: 'releasing', heard: [{ ...ann, message: 'pause' }] });
    expect(play.script.begun()).not.toContain(probe);
    await expectRefused(play, 'pause', 'it is paused already');
    expect(await play.update('resume', ann)).toBe('resume: heard');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expectNeedsFirst(play.script);
  });

  test('resume of what is not paused is refused', async () => {
    const play = await stage.play(createScript(plan()).on(launch, blocks));
    await play.script.until(`+${launch}`);
    await expectRefused(play, 'resume', 'it is not paused');
    await expectWithoutEffect(play, 'resume', 'it is not paused');
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('a pause during a rollback is recorded without effect', async () => {
    const play = await stage.play(createScript(plan()).on(probe, fails('not-ready')).on('api/undo/claim', blocks));
    await play.script.until('+api/undo/claim');
    await expectRefused(play, 'pause', 'a rollback is not paused');
    await expectWithoutEffect(play, 'pause', 'a rollback is not paused');
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ type: 'failed' });
    await expectUndone(play);
  });
});

describe('approvals', () => {
  test('by signal lets the release pass, and says who approved', async () => {
    const play = await atGate();
    await play.signal('approve', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect((await play.status()).steps['api/approve']).toMatchObject({ state: 'done', note: 'approved by ann' });
  });

  test('are waited for where lists and timelines show it', async () => {
    const play = await atGate();
    const phase = async () => (await play.handle.describe()).searchAttributes.BelayPhase;
    expect(await phase()).toEqual(['waiting']);
    const { events } = await play.handle.fetchHistory();
    const timer = events!.find((event) => event.timerStartedEventAttributes);
    expect(Buffer.from(timer!.userMetadata!.summary!.data!).toString()).toBe(
      '"1 of 2 instances of api run the new revision: go on?"',
    );
    await play.update('approve', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect(await phase()).toEqual(['closed']);
  });

  test('by update lets the release pass', async () => {
    const play = await atGate();
    expect(await play.update('approve', { ...ann, step: 'api/approve' })).toBe('approve: heard');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('by the number of the step lets the release pass', async () => {
    const play = await atGate();
    const number = play.script.plan.steps.findIndex((step) => step.id === 'api/approve') + 1;
    await expect(play.update('approve', { by: 'ann', step: number + 1 })).rejects.toMatchObject(
      refusal(`step ${number + 1} waits for no approval; these do: ${number} (api/approve)`),
    );
    await play.update('approve', { by: 'ann', step: number });
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('a second one is refused without a trace as an update, and recorded without effect as a signal', async () => {
    const play = await stage.play(createScript(plan(gated)).on('api/launch/shop-api-r2-2', blocks));
    await play.until('at the gate', isWaiting);
    await play.update('approve', ann);
    await play.script.until('+api/launch/shop-api-r2-2');
    const sentence = /nothing is waiting for an approval: ann approved it \d+ s ago/;
    await expectRefused(play, 'approve', expect.stringMatching(sentence));
    await play.signal('approve', ann);
    const { heard } = await play.until('recorded', (status) => status.heard.length === 2);
    expect(heard[1]).toMatchObject({ message: expect.stringMatching(/^approve \(without effect: /), ...ann });
    expect(heard[1]!.refused).toMatch(sentence);
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('with nothing waiting are refused, and so is a rejection', async () => {
    const play = await stage.play(createScript(plan(gated)).on(launch, blocks));
    await play.script.until(`+${launch}`);
    await expectRefused(play, 'approve', nothing);
    await expectRefused(play, 'reject', nothing);
    await expectWithoutEffect(play, 'approve', nothing);
    play.script.releaseAll();
    await play.until('at the gate, still', isWaiting);
    await play.signal('rollback');
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
  });

  test('refused: the release goes back and ends as rejected', async () => {
    const play = await atGate();
    await play.signal('reject', { by: 'ann', reason: 'too risky' });
    expect(await play.end()).toMatchObject({
      type: 'rejected',
      result: {
        outcome: 'rejected',
        revisions: { api: 1 },
        cause: { code: 'rejected', message: 'ann refused: too risky' },
      },
    });
    await expectUndone(play);
  });

  test('are heard while the release is paused, and apply when it goes on', async () => {
    const play = await atGate();
    await play.signal('pause');
    await play.signal('approve', ann);
    await play.until('approved', ({ steps }) => steps['api/approve']?.state === 'done');
    expect(play.script.begun()).not.toContain('api/launch/shop-api-r2-2');
    await play.signal('resume');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });
});

describe('a release that holds', () => {
  const hold = { on_failure: 'hold' as const, validate: [smoke('after')] };

  test('goes on when the failed step is tried again, and leaves no cause behind', async () => {
    const play = await stage.play(createScript(plan(hold)).on(probe, fails('not-ready', 'GET / answers 500')));
    const held = await play.until('held', isHeld);
    expect(held).toMatchObject({
      cause: { code: 'not-ready', step: probe },
      waiting: [
        {
          kind: 'held',
          step: probe,
          text: `${probe} failed: GET / answers 500`,
          command: `belay retry --step ${probe}`,
        },
      ],
    });
    await play.update('retry', { ...ann, step: probe });
    const { result } = await play.end();
    expect(result).toEqual({ outcome: 'released', platform: 'shop', revisions: { api: 2 } });
    expect(play.script.acts.filter((act) => act.id === probe).map((act) => act.input.round)).toEqual([1, 2]);
  });

  test('goes on without a failed test', async () => {
    const play = await stage.play(createScript(plan(hold)).on(after, fails('smoke-failed')));
    await play.until('held', isHeld);
    await play.signal('skip', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect((await play.status()).steps[after]).toMatchObject({ state: 'skipped' });
  });

  test('holds on a verdict of hold, whatever the policy says', async () => {
    const given = plan({ on_failure: 'rollback', validate: [smoke('before')] });
    const script = createScript(given)
      .on('api/validate/former/smoke', async () => ({ fails: 'answered 500' }))
      .on('api/validate/before/smoke', fails('inconclusive'));
    const play = await stage.play(script);
    await play.until('held', isHeld);
    const test = script.acts.find(({ id }) => id === 'api/validate/before/smoke');
    expect(test?.input.failsBefore).toBe('answered 500');
    await play.signal('skip', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('begins nothing beside a watch that has failed, and tells its retry who was in traffic', async () => {
    const watch = 'api/validate/up';
    const next = 'api/probe/shop-api-r2-2';
    const script = createScript(plan({ ...hold, instances: 2 }))
      .on(next, blocks)
      .on(watch, async (act, script) => {
        await script.until(`+${next}`);
        return await fails('not-live')(act, script);
      });
    const play = await stage.play(script);
    await play.until('held', isHeld);
    script.release(next);
    await play.until('the next one is ready', ({ steps }) => steps[next]?.state === 'done');
    expect(script.begun()).not.toContain('api/swap/shop-api-r2-2');
    await play.update('retry', { ...ann, step: watch });
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    const [, again] = script.acts.filter(({ id }) => id === watch);
    expect(again?.input.admitted).toContain('shop-api-r2-1');
  });

  test('begins nothing beside a series that holds, and goes on once it is made anew', async () => {
    const series = 'api/validate/during/smoke';
    const watch = 'api/validate/up';
    const next = 'api/probe/shop-api-r2-2';
    const script = createScript(plan({ ...hold, validate: [smoke('during')], instances: 2 }))
      .on(next, blocks)
      .on(series, async (act, script) => {
        await script.until(`+${next}`);
        return await fails('inconclusive')(act, script);
      })
      .on(watch, async (act, script) => {
        await script.until(`!${series}`);
        return await fails('instance-lost')(act, script);
      });
    const play = await stage.play(script);
    await play.until('both held', ({ waiting }) => waiting.length === 2);
    script.release(next);
    await play.until('the next one is ready', ({ steps }) => steps[next]?.state === 'done');
    expect(script.begun()).not.toContain('api/swap/shop-api-r2-2');
    await play.update('retry', { ...ann, step: series });
    await script.until(`-${series}`);
    expect(script.begun()).not.toContain('api/swap/shop-api-r2-2');
    await play.update('retry', { ...ann, step: watch });
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('never goes on without a probe or a swap', async () => {
    const whys: Array<[string, string]> = [
      [probe, 'an instance that is not ready gets no traffic'],
      [swap, 'the release needs it'],
    ];
    for (const [step, why] of whys) {
      const play = await stage.play(createScript(plan(hold)).on(step, fails('not-ready')));
      await play.until('held', isHeld);
      await expectRefused(
        play,
        'skip',
        expect.stringMatching(new RegExp(`^step \\d+ \\(${step}\\) cannot be skipped: ${why}; retry or rollback$`)),
      );
      await play.signal('rollback', ann);
      expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
      await expectUndone(play);
    }
  });

  test('holds for each of two failures until both are mended', async () => {
    const other = 'web/launch/shop-web-r2-1';
    const script = createScript(plan({ ...hold, service: 'api' }, { service: 'web', on_failure: 'hold' }));
    const play = await stage.play(script.on(launch, fails('launch-failed')).on(other, fails('launch-failed')));
    await play.until('both held', ({ waiting }) => waiting.length === 2);
    await play.update('retry', { step: launch });
    await play.until('one held', ({ waiting, steps }) => waiting.length === 1 && steps[launch]?.state === 'done');
    expect((await play.status()).phase).toBe('held');
    await play.update('retry');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('does not hear a retry of nothing', async () => {
    const play = await stage.play(createScript(plan(hold)).on(launch, blocks));
    await play.script.until(`+${launch}`);
    await expectRefused(play, 'retry', 'no step has failed');
    await expectWithoutEffect(play, 'retry', 'no step has failed');
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('on the way back, what failed on the way there is neither tried again nor skipped', async () => {
    const play = await stage.play(createScript(plan()).on(probe, fails('not-ready')).on('api/undo/claim', blocks));
    await play.script.until('+api/undo/claim');
    await expectRefused(play, 'retry', 'no step has failed');
    await expectRefused(
      play,
      'skip',
      'no step can be skipped now: only failed tests, drains, soaks, and jobs after the change can',
    );
    play.script.releaseAll();
    expect(await play.end()).toMatchObject({ type: 'failed' });
  });

  test('shows in the search attributes that it holds', async () => {
    const play = await stage.play(createScript(plan(hold)).on(probe, fails('not-ready')));
    await play.until('held', isHeld);
    const { searchAttributes } = await play.handle.describe();
    expect(searchAttributes).toMatchObject({
      BelayPlatform: ['shop'],
      BelayServices: ['api'],
      BelayVersions: ['api=2'],
      BelayPhase: ['held'],
    });
    await play.signal('rollback');
    await play.end();
    expect((await play.handle.describe()).searchAttributes).toMatchObject({
      BelayPhase: ['closed'],
      BelayOutcome: ['rolled-back'],
    });
  });
});

test('a dry run that was started with the labels of a release loses them', async () => {
  const labels = { BelayPlatform: ['shop'], BelayVersions: ['api=2'], BelayOutcome: ['released'] };
  const play = await stage.play(plan(), { input: { dry_run: true }, labels });
  expect(await play.end()).toMatchObject({ outcome: 'planned' });
  const { searchAttributes } = await play.handle.describe();
  expect(Object.keys(searchAttributes).filter((name) => name.startsWith('Belay'))).toEqual([]);
});

describe('the rest of a drain', () => {
  const rounds = (play: Play) =>
    play.script.acts
      .filter((act) => act.id === drain)
      .map(({ input }) => [input.round, (input.step as { deadline: number }).deadline]);

  test('is skipped: the drain is cancelled, and done again with no time left', async () => {
    const play = await stage.play(createScript(plan()).on(drain, blocks));
    await play.script.until(`+${drain}`);
    await play.update('skip', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect(play.script.count(`~${drain}`)).toBe(1);
    expect(rounds(play)).toEqual([
      [1, 30_000],
      [2, 0],
    ]);
  });

  test('that reaches its deadline at that very moment is skipped all the same', async () => {
    const play = await stage.play(createScript(plan()).on(drain, failsWhenCancelled('drain-deadline')));
    await play.script.until(`+${drain}`);
    await play.update('skip', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect(rounds(play)).toHaveLength(2);
  });

  test('that holds at its deadline is skipped in the same way, so that its server becomes free', async () => {
    const policy = { deadline: 1000, at_deadline: 'hold' as const };
    const play = await stage.play(createScript(plan({ drain: policy })).on(drain, fails('drain-deadline')));
    await play.until('held', isHeld);
    await play.update('skip', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect(rounds(play)).toEqual([
      [1, 1000],
      [2, 0],
    ]);
  });

  test('is not begun again when a rollback comes while it is cancelled', async () => {
    const play = await stage.play(createScript(plan()).on(drain, blocks));
    await play.script.until(`+${drain}`);
    await play.signal('skip', ann);
    await play.signal('rollback', ann);
    expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
    await expectUndone(play);
  });
});

describe('what is said', () => {
  test('before there is a plan is heard in the order in which it was said', async () => {
    const play = await stage.play(createScript(plan()), {
      first: [['resume', ann], ['pause', ann], ['approve', ann], ['retry'], ['skip']],
    });
    const status = await play.until('planned', ({ phase }) => phase === 'releasing');
    expect(status.paused).toBe(true);
    expect(status.heard.map((one) => one.message.split(' ')[0])).toEqual([
      'resume',
      'pause',
      'approve',
      'retry',
      'skip',
    ]);
    expect(forward(play.script)).toEqual([]);
    await play.update('resume');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('a rollback before there is a plan leaves everything as it is', async () => {
    const play = await stage.play(createScript(plan()), { first: [['rollback', ann], ['reject', ann], ['pause']] });
    expect(await play.end()).toMatchObject({ closed: 'completed', outcome: 'rolled-back' });
    expect(forward(play.script)).toEqual([]);
  });

  test('when the release is over changes nothing any more', async () => {
    const play = await stage.play(plan());
    await play.end();
    await expect(play.signal('rollback')).rejects.toThrow(/already completed/);
  });

  test('when the release is over is answered by how and when it ended', async () => {
    const play = await stage.play(plan());
    await play.end();
    const { workflowId } = play.handle;
    const handle = createHandle(stage.client, workflowId);
    const says = expect.stringMatching(new RegExp(`^${workflowId} has ended: released, \\d+ s ago$`));
    const refused = { code: 'input-invalid', message: says, hint: `belay status ${workflowId}` };
    await expect(handle.say('approve', ann)).rejects.toMatchObject(refused);
    await expect(handle.say('rollback', ann)).rejects.toMatchObject(refused);
    const unknown = createHandle(stage.client, 'release/shop/none').say('approve', ann);
    await expect(unknown).rejects.toMatchObject({ message: 'there is no release/shop/none that runs' });
  });

  test.each([
    ['please'],
    [42],
    [[]],
    [{ by: 42, reason: { why: null }, step: ['x'] }],
    [{ by: null }],
    [{ who: 'ben' }],
  ])('as %j by a form is refused by its name, and changes nothing', async (nonsense) => {
    const play = await atGate();
    const wrong = (message: Message) => wrongData(message, [nonsense])!;
    await play.signal('progress', nonsense);
    for (const message of messages) {
      await play.signal(message, nonsense);
      await expect(play.update(message, nonsense)).rejects.toMatchObject(refusal(wrong(message)));
    }
    const { heard, phase, paused } = await play.until('heard', (status) => status.heard.length > messages.length);
    expect(heard.slice(1).map((one) => one.message)).toEqual(
      messages.map((message) => `${message} (without effect: ${wrong(message)})`),
    );
    expect({ phase, paused }).toEqual({ phase: 'releasing', paused: false });
    await play.update('approve', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('under a name that there is not is refused, and recorded where it is a signal', async () => {
    const play = await atGate();
    const sentence = 'there is no signal "aprove"; did you mean approve?';
    await play.handle.signal('aprove', ann);
    await expect(play.handle.executeUpdate('aprove', { args: [ann] })).rejects.toMatchObject(
      refusal(expect.stringContaining('there is no update "aprove"; did you mean approve?') as unknown as string),
    );
    await expect(play.handle.query('stauts')).rejects.toThrow(/Registered queries: .*status/);
    const { heard, waiting } = await play.until('recorded', (status) => status.heard.length > 0);
    expect(heard[0]!.message).toContain(sentence);
    expect(waiting).toHaveLength(1);
    await play.update('approve', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('of a step that does not exist is refused', async () => {
    const play = await stage.play(createScript(plan({ on_failure: 'hold' })).on(probe, fails('not-ready')));
    await play.until('held', isHeld);
    const number = play.script.plan.steps.findIndex((step) => step.id === probe) + 1;
    await expect(play.update('retry', { step: 'api/porbe' })).rejects.toMatchObject(
      refusal(`step api/porbe has not failed; these have: ${number} (${probe})`),
    );
    await play.update('retry');
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('with half a character in it is refused as any other, and the release goes on', async () => {
    const play = await atGate();
    await expect(play.update('approve', { by: 'ann', step: '\ud83d' })).rejects.toMatchObject(
      refusal(expect.stringContaining('step \ufffd') as unknown as string),
    );
    await play.update('approve', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test.each<[string, string, unknown]>([
    ['under a name that the SDK keeps to itself', '__temporal_x', ann],
    ['as bytes', 'approve', new Uint8Array(1_900_000)],
    ['nested deeper than can be written', 'approve', nested(100_000)],
  ])('%s is recorded without effect, and the release goes on', async (_, name, data) => {
    const play = await atGate();
    await play.handle.signal(name, data);
    await expect(play.handle.executeUpdate(name, { args: [data] })).rejects.toMatchObject({
      cause: { type: 'refused' },
    });
    const { heard, waiting } = await play.status();
    expect(heard.map(({ message }) => message)).toEqual([expect.stringContaining('without effect')]);
    expect(waiting).toHaveLength(1);
    await play.update('approve', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('by a running step shows as its note until there is a result, and by one that has ended does not', async () => {
    const play = await stage.play(createScript(plan()).on(drain, blocksThenAnswers('nothing in flight after 2.0 s')));
    await play.script.until(`+${drain}`);
    await play.signal('progress', { step: drain, note: '3 in flight' });
    await play.signal('progress', { step: launch, note: 'late' });
    await play.signal('progress', { step: 'api/unknown', note: 'what' });
    const { steps } = await play.until('shown', (status) => status.steps[drain]?.note === '3 in flight');
    expect(steps[launch]?.note).toBeUndefined();
    play.script.releaseAll();
    await play.end();
    expect((await play.status()).steps[drain]).toMatchObject({ state: 'done', note: 'nothing in flight after 2.0 s' });
  });

  test('is offered in the menus of the Web UI, each with a sentence', async () => {
    const play = await stage.play(plan());
    await play.end();
    const { definition } = await play.handle.query<{
      definition: Record<string, Array<{ name: string; description: string }>>;
    }>('__temporal_workflow_metadata');
    const names = ['approve', 'pause', 'reject', 'resume', 'retry', 'rollback', 'skip'];
    const own = (list: Array<{ name: string; description: string }>) =>
      list.filter((one) => !one.name.startsWith('__'));
    const ownSignals = ['called', 'progress', 'queued'];
    expect(definition.signalDefinitions!.map((one) => one.name).sort()).toEqual([...names, ...ownSignals].sort());
    expect(definition.updateDefinitions!.map((one) => one.name).sort()).toEqual(names);
    expect(own(definition.queryDefinitions!).map((one) => one.name)).toContain('status');
    const all = [...definition.signalDefinitions!, ...definition.updateDefinitions!];
    expect(all.filter((one) => !one.description)).toEqual([]);
  });
});
