import { type ErrorCode, exitCodeOf, isErrorCode } from '../errors';
import type { Outcome, ReleaseResult } from '../model/status';

/** Exit codes of commands, beside the codes of errors. */
export const exitCodes = { ok: 0, unexpected: 1, wrongInput: 2, held: 4, unreachable: 6, changes: 10 } as const;

const byOutcome: Record<Outcome, number> = {
  released: 0,
  reverted: 0,
  retired: 0,
  'backed-up': 0,
  passed: 0,
  restored: 0,
  removed: 0,
  unchanged: 0,
  planned: 0,
  'rolled-back': 0,
  failed: 3,
  left: 3,
  superseded: 3,
  rejected: 5,
  cancelled: 5,
  incomplete: 8,
  terminated: exitCodes.unexpected,
};

/** Returns the exit code of an error, such as an impossible plan: no step began, so none failed. */
export function exitCodeOfError(code: ErrorCode): number {
  const own = exitCodeOf(code);
  return own === byOutcome.failed ? exitCodes.wrongInput : own;
}

/** Codes that tell more than a failed release: another release has the service, or no answer came. */
const telling = [6, 7];

/** Returns the exit code of an ended release or rollback. */
export function exitCodeOfResult({ outcome, cause }: Pick<ReleaseResult, 'outcome' | 'cause'>): number {
  if (outcome !== 'failed' || !isErrorCode(cause?.code)) return byOutcome[outcome];
  const code = exitCodeOf(cause.code);
  return telling.includes(code) ? code : byOutcome.failed;
}
