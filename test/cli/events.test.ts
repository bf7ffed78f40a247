import { changes, type Event, isHeld } from '../../src/cli/events';
import { eventLine } from '../../src/cli/view/json';
import { liveBlock } from '../../src/cli/view/live';
import { eventText } from '../../src/cli/view/plain';
import type { Step } from '../../src/model/plan';
import { at, done, plain, running, samplePlan, status } from './support';

const workflowId = 'release/shop/1';
const plan = samplePlan();
const gate = {
  kind: 'approval' as const,
  step: 'api/approve',
  text: 'go on?',
  command: 'belay approve',
  otherwise: 'belay reject',
  since: at(0),
};
const names = (events: Event[]) =>
  events.map((event) =>
    event.type === 'step'
      ? `${event.step.number} ${event.step.state}`
      : event.type === 'phase'
        ? event.phase
        : event.type,
  );

describe('what has changed', () => {
  test('is the plan, the phase, and steps in the order in which they ended or began', () => {
    const after = status({ plan, steps: { 'api/probe': running(2), 'api/launch': done(0, 2) } });
    expect(names(changes(status({ phase: 'planning' }), after))).toEqual(['plan', 'releasing', '1 done', '2 running']);
  });

  test('is nothing while only notes change', () => {
    const before = status({ plan, steps: { 'api/drain': running(1, '3 in flight') } });
    const after = status({ plan, steps: { 'api/drain': running(1, '2 in flight') } });
    expect(changes(before, after)).toEqual([]);
  });

  test('is what a job prints, as it runs', () => {
    const job = {
      ...plan.steps[0]!,
      id: 'api/job/expand',
      kind: 'job',
      instance: { name: 'x', job: 'expand' },
    } as Step;
    const own = { ...plan, steps: [job] };
    const before = status({ plan: own, steps: { [job.id]: running(1) } });
    const after = status({ plan: own, steps: { [job.id]: running(1, 'for 3 s: adds a column') } });
    const [event, ...others] = changes(before, after);
    expect(others).toEqual([]);
    expect(eventText(event!, { workflowId, colors: plain, now: 0 })).toBe(
      '▶   1  api  run job expand  for 3 s: adds a column',
    );
    expect(changes(after, after)).toEqual([]);
  });

  test('puts the turn between the step that failed and the way back', () => {
    const before = status({ plan, steps: { 'api/probe': running(1) } });
    const failure = { code: 'not-ready', message: 'no' };
    const steps = { 'api/probe': { ...done(1, 2), state: 'failed' as const, failure }, 'api/undo/swap': running(3) };
    const after = status({ plan, phase: 'rolling-back', cause: failure, steps });
    expect(names(changes(before, after))).toEqual(['2 failed', 'rolling-back', 'u1 running']);
  });

  test('tells a gate once', () => {
    const held = status({ plan, waiting: [gate] });
    expect(names(changes(status({ plan }), held))).toEqual(['waiting']);
    expect(changes(held, status({ plan, waiting: [{ ...gate, since: at(1) }] }))).toEqual([]);
  });

  test('tells a pause, with who asked for it', () => {
    const heard = [{ message: 'pause', by: 'ben', reason: '', at: at(0) }];
    expect(changes(status(), status({ paused: true, heard }))).toEqual([
      { type: 'waiting', waiting: { kind: 'paused', text: 'paused by ben', command: 'belay resume' } },
    ]);
  });
});

test.each([
  ['a gate', status({ waiting: [gate] }), true],
  ['a failed step', status({ waiting: [{ ...gate, kind: 'held' }] }), true],
  ['a pause', status({ paused: true }), true],
  ['a host out of reach', status({ waiting: [{ ...gate, kind: 'unreachable' }] }), false],
])('%s waits for a person: %s', (_name, seen, expected) => expect(isHeld(seen)).toBe(expected));

describe('a line of JSON', () => {
  const line = (event: Event) => JSON.parse(eventLine(event, workflowId)) as Record<string, unknown>;

  test('carries its version and type', () => {
    expect(line({ type: 'started', kind: 'release', workflowId, url: 'http://ui' })).toEqual({
      version: 1,
      type: 'started',
      kind: 'release',
      workflowId,
      url: 'http://ui',
    });
  });

  test('of the plan has numbered steps, and nothing of the files', () => {
    const found = line({ type: 'plan', plan });
    expect(found).toMatchObject({
      type: 'plan',
      changes: true,
      steps: [{ number: '1', id: 'api/launch' }, {}, {}, {}, {}],
      undo: [{ number: 'u1', undoes: '3' }, {}],
    });
    expect(JSON.stringify(found)).not.toContain('/shop');
  });

  test('of a step has its state, of a gate its whole command, of the end the exit code', () => {
    const [step] = changes(undefined, status({ plan, steps: { 'api/launch': done(0, 2, 'up') } })).filter(
      (one) => one.type === 'step',
    );
    expect(line(step!)).toEqual({
      version: 1,
      type: 'step',
      number: '1',
      id: 'api/launch',
      service: 'api',
      kind: 'launch',
      text: 'launch shop-api-r2-1',
      ...done(0, 2, 'up'),
    });
    expect(line({ type: 'waiting', waiting: gate })).toMatchObject({
      type: 'waiting',
      kind: 'approval',
      command: 'belay approve release/shop/1',
      otherwise: 'belay reject release/shop/1',
    });
    const result = {
      outcome: 'failed' as const,
      platform: 'shop',
      revisions: { api: 1 },
      cause: { code: 'not-ready', message: 'no' },
    };
    expect(line({ type: 'outcome', kind: 'release', result, exitCode: 3 })).toMatchObject({
      type: 'outcome',
      outcome: 'failed',
      exitCode: 3,
      cause: { code: 'not-ready' },
      workflowId,
    });
  });
});

test('a plain line of a step that has just begun has no time yet', () => {
  const events = changes(undefined, status({ plan, steps: { 'api/launch': running(0, 'x') } }));
  expect(eventText(events.at(-1)!, { workflowId, colors: plain, now: 5_000 })).toBe('▶   1  api  launch shop-api-r2-1');
});

describe('what moves on a terminal', () => {
  const block = (fields: Partial<Parameters<typeof liveBlock>[0]>) =>
    liveBlock({ workflowId, colors: plain, now: Date.parse(at(3)), spinner: '*', ...fields });

  test('is what runs, with its time and note, then what is waited for', () => {
    const seen = status({
      plan,
      steps: { 'api/launch': done(0, 1), 'api/drain': running(1, '3 in flight') },
      waiting: [gate],
    });
    expect(block({ status: seen })).toBe(`*   4  api  drain shop-api-r1-1  2.0 s  3 in flight
waits for approval: go on?
  → belay approve release/shop/1
  → belay reject release/shop/1`);
  });

  test('says that the plan is being made, or that nobody answers', () => {
    expect(block({})).toBe('* making the plan');
    expect(block({ lost: { kind: 'worker', text: 'nobody answers', command: 'belay serve' } })).toBe(
      'no answer: nobody answers\n  → belay serve',
    );
  });
});
