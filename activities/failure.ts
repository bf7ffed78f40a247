import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { asBelayError, isRetryable } from '../src/errors';
import type { Masker } from '../src/hosts/secrets';

const untouched = new WeakSet<object>();

/** The same error, of a step that has changed nothing so far: then there is nothing to undo. */
export function asUntouched(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) untouched.add(error);
  return error;
}

/** An error as Temporal keeps it: code, message, hint, and whether the step had changed anything. Nothing else of it leaves the host, and what leaves is masked. */
export function failureFrom(error: unknown, masker: Masker): Error {
  if (error instanceof CancelledFailure || isAbort(error)) return error as Error;
  if (error instanceof ApplicationFailure) return error;
  const { code, message, hint, workflowId } = asBelayError(error);
  return ApplicationFailure.create({
    type: code,
    // A text that was cut may end with half a character, which Temporal does not take.
    message: masker.mask(message).toWellFormed(),
    nonRetryable: !isRetryable(code),
    details: [
      { hint: hint && masker.mask(hint), workflowId, ...(untouched.has(error as object) && { untouched: true }) },
    ],
  });
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
