import { type Message, messages } from '../../src/model/messages';
import type { ReleaseStatus, StepState } from '../../src/model/status';
import { createBoard } from '../../workflows/board';
import { createControl } from '../../workflows/control';
import { plan } from './plans';

const launch = 'api/launch/shop-api-r2-1';
const back = 'api/undo/retire/shop-api-r2-1';
const given = plan();

/** A release whose steps are in these states. */
function scene(states: Record<string, StepState> = {}, fields: Partial<ReleaseStatus> = {}) {
  const board = createBoard(
    { kind: fields.kind ?? 'release', platform: 'shop', by: 'eve', reason: '' },
    () => undefined,
  );
  board.plan(given);
  board.phase(fields.phase ?? 'releasing');
  board.paused(fields.paused ?? false);
  for (const step of [...given.steps, ...given.undo]) {
    if (states[step.id]) board.step(step, states[step.id]!);
  }
  return { board, control: createControl(board) };
}

const nothing: Array<[Message, string]> = [
  ['resume', 'it is not paused'],
  ['approve', 'nothing is waiting for an approval'],
  ['reject', 'nothing is waiting for an approval'],
  ['retry', 'no step has failed'],
  ['skip', 'no step can be skipped now: only failed tests, drains, soaks, and jobs after the change can'],
];

test.each(nothing)('%s of nothing is answered: %s', (message, sentence) => {
  const { control } = scene({ [launch]: 'running' });
  expect(control.objection(message)).toBe(sentence);
});

test('whatever is said to a release that has ended is answered by its end', () => {
  const { board, control } = scene();
  board.outcome('rolled-back');
  board.phase('closed');
  for (const message of messages) expect(control.objection(message)).toBe('the release has ended: rolled back');
});

test('an objection leaves no trace; what is heard is recorded, with the objection where there is one', () => {
  const { board, control } = scene();
  control.objection('resume', { by: 'ann' });
  expect(board.status.heard).toEqual([]);
  expect(control.hear('resume', { by: 'ann', reason: 'go' })).toBe('it is not paused');
  expect(control.hear('pause')).toBe('pause: heard');
  expect(board.status.heard).toMatchObject([
    { message: 'resume (without effect: it is not paused)', refused: 'it is not paused', by: 'ann', reason: 'go' },
    { message: 'pause', by: 'unknown', reason: '' },
  ]);
  expect(board.status.paused).toBe(true);
});

test('data that are no text are recorded as they were sent, whatever they call themselves', () => {
  const { board, control } = scene();
  control.ignore('approve', 'the data are wrong', { by: { toString: 'ann' }, reason: [{ valueOf: 1 }] });
  expect(board.status.heard).toMatchObject([{ by: '{"toString":"ann"}', reason: '[{"valueOf":1}]' }]);
});

test('data that are nested too deep to be written are recorded as such', () => {
  const { board, control } = scene();
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  control.ignore('approve', 'the data are wrong', { by: JSON.parse(deep), reason: 'good' });
  expect(board.status.heard).toMatchObject([{ by: 'data that are nested too deep', reason: 'good' }]);
});

test('only the last fifty things that were said are kept', () => {
  const { board, control } = scene();
  for (let times = 0; times < 60; times += 1) control.hear('retry', { reason: `${times}` });
  expect(board.status.heard).toHaveLength(50);
  expect(board.status.heard.at(-1)).toMatchObject({ reason: '59' });
});

test('a retry without a step means every failed one; with an id or a number, that one', () => {
  const states = { [launch]: 'failed' as const, 'api/pull': 'failed' as const };
  const number = given.steps.findIndex((step) => step.id === launch) + 1;
  for (const [said, expected] of [
    [{}, ['api/pull', launch]],
    [{ step: launch }, [launch]],
    [{ step: `${number}` }, [launch]],
    [{ step: '' }, ['api/pull', launch]],
  ] as const) {
    const { control } = scene(states, { phase: 'held' });
    control.hear('retry', said);
    expect([...control.retry].sort()).toEqual([...expected].sort());
  }
});

test('on the way back numbers are those of the way back, and steps of the way there are not meant', () => {
  const { control } = scene({ [launch]: 'failed', [back]: 'failed' }, { phase: 'rolling-back' });
  const number = given.undo.findIndex((step) => step.id === back) + 1;
  const failed = `has not failed; these have: u${number} (${back})`;
  expect(control.objection('retry', { step: `${number}` })).toBe(`step ${number} ${failed}`);
  expect(control.objection('retry', { step: launch })).toBe(`step ${launch} ${failed}`);
  control.hear('retry', { step: `u${number}` });
  expect([...control.retry]).toEqual([back]);
});

test('a failed check may be skipped, and a drain that runs; a launch, probe or swap never, but on the way back', () => {
  const { control } = scene({ 'api/preflight': 'failed', 'api/drain/shop-api-r1-1': 'running', [launch]: 'failed' });
  control.hear('skip');
  expect([...control.skip].sort()).toEqual(['api/drain/shop-api-r1-1', 'api/preflight']);
  const onTheWayBack = scene({ [back]: 'failed' }, { phase: 'rolling-back' });
  onTheWayBack.control.hear('skip');
  expect([...onTheWayBack.control.skip]).toEqual([back]);
});

test('a step that waits for its host may be tried again at once; in a rollback, any failed step may be given up', () => {
  const { control } = scene({ [launch]: 'unreachable' });
  control.hear('retry');
  expect([...control.retry]).toEqual([launch]);
  const rollback = scene({ [launch]: 'failed' }, { kind: 'rollback' });
  rollback.control.hear('skip');
  expect([...rollback.control.skip]).toEqual([launch]);
});

test('the first of rollback, reject and cancel counts', () => {
  const { board, control } = scene();
  board.wait({ kind: 'approval', step: 'api/approve', text: 'go on?', command: 'belay approve' });
  control.hear('reject', { by: 'ann' });
  expect(control.hear('rollback')).toBe('it is rolling back already');
  board.wait({ kind: 'held', step: 'api/undo/swap', text: 'it failed', command: 'belay retry' });
  expect(control.hear('rollback')).toBe('it is rolling back already, and is held: retry or skip lets it continue');
  control.cancel();
  expect(control.turn).toEqual({ outcome: 'rejected', cause: { code: 'rejected', message: 'ann refused' } });
});

test('a step that is no gate is answered with the gates that wait, by number and id', () => {
  const { board, control } = scene();
  board.wait({ kind: 'approval', step: launch, text: 'go on?', command: 'belay approve' });
  const number = given.steps.findIndex((step) => step.id === launch) + 1;
  for (const step of [99, '99', 'api/aprove'])
    expect(control.objection('approve', { by: 'ann', step })).toBe(
      `step ${step} waits for no approval; these do: ${number} (${launch})`,
    );
  expect(control.objection('approve', { by: 'ann', step: number })).toBeUndefined();
});

test('each gate is opened by who has said so for it, and first', () => {
  const { board, control } = scene();
  const [one, other] = [launch, 'api/pull'];
  for (const step of [one, other]) board.wait({ kind: 'approval', step, text: 'go on?', command: 'belay approve' });
  control.hear('approve', { by: 'ann', step: one });
  control.hear('approve', { by: 'ben' });
  expect([...control.approved]).toEqual([
    [one, 'ann'],
    [other, 'ben'],
  ]);
});

test('a second approval is answered by the first one', () => {
  const { board, control } = scene();
  board.wait({ kind: 'approval', step: launch, text: 'go on?', command: 'belay approve' });
  control.hear('approve', { by: 'ben' });
  board.unwait(() => true);
  const answer = /^nothing is waiting for an approval: ben approved it \d+ s ago$/;
  expect(control.objection('approve', { by: 'ann' })).toMatch(answer);
  expect(control.objection('reject', { by: 'ann' })).toMatch(answer);
  control.hear('approve', { by: 'ann' });
  expect(control.objection('approve', { by: 'ann' })).toMatch(answer);
});

test('what is said while the release is paused is answered with that', () => {
  const { board, control } = scene({}, { paused: true });
  board.wait({ kind: 'approval', step: launch, text: 'go on?', command: 'belay approve' });
  expect(control.hear('approve', { by: 'ann' })).toBe(
    'approve: heard; the release is still paused, and continues after a resume',
  );
  expect(control.hear('resume', { by: 'ann' })).toBe('resume: heard');
});

test.each<Message>(['rollback', 'reject'])('%s ends a pause, and is not answered with it', (message) => {
  const { board, control } = scene({}, { paused: true });
  board.wait({ kind: 'approval', step: launch, text: 'go on?', command: 'belay approve' });
  expect(control.hear(message, { by: 'ann' })).toBe(`${message}: heard`);
});

test('once everything is recorded, neither a rollback nor a cancel turns the release', () => {
  const { board, control } = scene({ 'api/record': 'done' });
  expect(control.hear('rollback')).toBe('every service is released already; `belay rollback` takes them back');
  control.cancel();
  expect(control.turn).toBeUndefined();
  expect(board.status.heard.at(-1)?.message).toBe(
    'cancel (without effect: every service is released already; `belay rollback` takes them back)',
  );
});

test('a rollback is neither rolled back nor rejected', () => {
  const { control } = scene({ [launch]: 'running' }, { kind: 'rollback' });
  for (const message of ['rollback', 'reject'] as const)
    expect(control.objection(message)).toBe('a rollback is never rolled back');
});
