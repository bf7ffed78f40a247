import { BelayError, isRetryable } from '../errors';

/** Returns an error's words. Throws the error of a silent engine, which says nothing about the instance. */
export function engineWords(error: unknown): string {
  if (error instanceof BelayError && isRetryable(error.code)) throw error;
  return (error as Error).message;
}
