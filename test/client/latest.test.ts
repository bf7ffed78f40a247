import { isBegun, unbegunText } from '../../src/client/latest';
import type { StepStatus } from '../../src/model/status';

const startedAt = '2026-01-01T00:00:00.000Z';
const failed = (failure: Partial<StepStatus['failure']>): StepStatus => ({
  state: 'failed',
  startedAt,
  failure: { code: 'unexpected', message: '', ...failure },
});

test.each<[boolean, string, Record<string, StepStatus>]>([
  [false, 'without a step', {}],
  [false, 'whose steps wait', { a: { state: 'waiting' } }],
  [false, 'whose claim was refused', { a: failed({ code: 'held-by-another' }) }],
  [false, 'whose step failed before it changed anything', { a: failed({ untouched: true }) }],
  [true, 'whose step failed', { a: failed({}) }],
  [true, 'that has claimed a service', { a: { state: 'done', startedAt } }],
])('it is %s that a release has begun %s', (expected, _, steps) => expect(isBegun({ steps })).toBe(expected));

test.each([
  { end: 'was rolled back before it started', outcome: 'rolled-back' },
  { end: 'was terminated before it started', outcome: 'terminated' },
  { end: 'timed out before it started', outcome: 'timed_out' },
  { end: 'failed before it started', outcome: 'failed' },
  { end: 'was refused: its input is wrong', outcome: 'failed', code: 'input-invalid' },
  { end: 'was refused before it started', outcome: 'failed', code: 'spec-invalid' },
])('a release that never began is told: $end', ({ end, outcome, code }) =>
  expect(unbegunText(outcome, code)).toBe(end),
);
