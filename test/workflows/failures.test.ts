import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { failureOf, isSuperseded, isUnreachable } from '../../workflows/failures';

const inActivity = (cause: Error) =>
  new ActivityFailure('Activity task failed', 'probe', '1', 'IN_PROGRESS', 'w', cause);

test("an activity's own code, message and hint are kept, and the step is named", () => {
  const cause = ApplicationFailure.create({
    type: 'not-ready',
    message: 'GET / answers 500',
    details: [{ hint: 'look' }],
  });
  expect(failureOf(inActivity(cause), 'api/probe/a')).toEqual({
    code: 'not-ready',
    message: 'GET / answers 500',
    hint: 'look',
    step: 'api/probe/a',
  });
});

test('a worker that stopped answering is out of reach, not a failed step', () => {
  const failure = failureOf(inActivity(new TimeoutFailure('activity Heartbeat timeout', undefined, 'HEARTBEAT')), 's');
  expect(failure).toMatchObject({ code: 'worker-lost', step: 's' });
  expect(isUnreachable(failure)).toBe(true);
});

test('a step that took too long has failed', () => {
  const failure = failureOf(inActivity(new TimeoutFailure('too long', undefined, 'START_TO_CLOSE')));
  expect(failure).toMatchObject({ code: 'timeout', message: 'took longer than the step may take' });
  expect(isUnreachable(failure)).toBe(false);
});

test.each([
  ['engine-unreachable', true, false],
  ['proxy-unreachable', true, false],
  ['registry-unreachable', true, false],
  ['lock-busy', true, false],
  ['fence-stale', false, true],
  ['held-by-another', false, true],
  ['not-ready', false, false],
])('%s: out of reach %s, taken over %s', (code, unreachable, superseded) => {
  const failure = { code, message: '' };
  expect([isUnreachable(failure), isSuperseded(failure)]).toEqual([unreachable, superseded]);
});

test('whatever else is thrown is unexpected, in its own words', () => {
  expect(failureOf(new Error('no idea'))).toMatchObject({ code: 'unexpected', message: 'no idea' });
  expect(failureOf('text')).toMatchObject({ code: 'unexpected', message: 'text' });
  expect(failureOf(inActivity(ApplicationFailure.create({ message: 'untyped' })))).toMatchObject({
    code: 'unexpected',
  });
  expect(failureOf(inActivity(new CancelledFailure('c')))).toMatchObject({ code: 'cancelled' });
});
