import { exitCodeOfError, exitCodeOfResult } from '../../src/cli/exit-codes';
import type { Outcome } from '../../src/model/status';

test.each<[Outcome, number]>([
  ['released', 0],
  ['unchanged', 0],
  ['planned', 0],
  ['rolled-back', 0],
  ['failed', 3],
  ['left', 3],
  ['superseded', 3],
  ['rejected', 5],
  ['cancelled', 5],
  ['incomplete', 8],
])('%s ends the command with %i', (outcome, code) => expect(exitCodeOfResult({ outcome })).toBe(code));

test.each([
  ['held-by-another', 7],
  ['engine-unreachable', 6],
  ['registry-unreachable', 6],
  ['not-ready', 3],
  ['config-changed', 3],
  ['spec-invalid', 3],
  ['timeout', 3],
])('failed because of %s ends it with %i', (code, expected) => {
  expect(exitCodeOfResult({ outcome: 'failed', cause: { code, message: '' } })).toBe(expected);
});

test.each([
  ['preflight-failed', 2],
  ['proxy-refused', 2],
  ['spec-invalid', 2],
  ['engine-unreachable', 6],
  ['held-by-another', 7],
] as const)('what is thrown has begun nothing: %s ends it with %i', (code, expected) =>
  expect(exitCodeOfError(code)).toBe(expected),
);

test('a way back that is incomplete outranks its cause', () => {
  expect(exitCodeOfResult({ outcome: 'incomplete', cause: { code: 'engine-unreachable', message: '' } })).toBe(8);
});
