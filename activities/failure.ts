import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { asBelayError, isRetryable } from '../src/errors';
import type { Masker } from '../src/hosts/secrets';

/** An error as Temporal keeps it: code, message, hint. Nothing else of it leaves the host, and what leaves is masked. */
export function failureFrom(error: unknown, masker: Masker): Error {
  if (error instanceof CancelledFailure || isAbort(error)) return error as Error;
  if (error instanceof ApplicationFailure) return error;
  const { code, message, hint, workflowId } = asBelayError(error);
  return ApplicationFailure.create({
    type: code,
    message: masker.mask(message),
    nonRetryable: !isRetryable(code),
    details: [{ hint: hint && masker.mask(hint), workflowId }],
  });
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
