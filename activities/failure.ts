import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { asBelayError, isRetryable } from '../src/errors';
import type { Masker } from '../src/hosts/secrets';

const untouched = new WeakSet<object>();

/** Marks the error of a step that has changed nothing: there is nothing to undo. */
export function asUntouched(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) untouched.add(error);
  return error;
}

/**
 * Returns an error as Temporal keeps it: code, message, hint, and if the step had changed anything. Nothing else of it
 * leaves the host, and all of it is masked.
 */
export function failureFrom(error: unknown, masker: Masker): Error {
  if (error instanceof CancelledFailure || isAbort(error)) return error as Error;
  if (error instanceof ApplicationFailure) return error;
  const { code, message, hint, workflowId, gone } = asBelayError(error);
  return ApplicationFailure.create({
    type: code,
    // A cut text may end with half a character, which Temporal refuses.
    message: masker.mask(message).toWellFormed(),
    nonRetryable: !isRetryable(code),
    details: [
      {
        hint: hint && masker.mask(hint),
        workflowId,
        ...(gone !== undefined && { gone }),
        ...(untouched.has(error as object) && { untouched: true }),
      },
    ],
  });
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
