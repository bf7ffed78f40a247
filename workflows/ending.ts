import { ApplicationFailure, allHandlersFinished, CancelledFailure, condition } from '@temporalio/workflow';
import type { Carried } from '../src/model/packed';
import { reached, reachedBy } from '../src/model/reached';
import type { Failure, Outcome, ReleaseResult } from '../src/model/status';
import type { Board } from './board';
import { gapOf } from './gap';

/** Closes the release and returns its result. Throws a failure that carries the result if the outcome is bad. */
export async function close(
  { dryRun }: { dryRun: boolean },
  board: Board,
  outcome: Outcome,
  cause: Failure | undefined = board.status.cause,
): Promise<Carried<ReleaseResult>> {
  board.status.waiting = [];
  board.status.paused = false;
  board.outcome(outcome, cause);
  board.phase('closed');
  await condition(allHandlersFinished);
  const { platform, freed } = board.status;
  const gap = gapOf(board.status);
  const result: Carried<ReleaseResult> = {
    outcome,
    platform,
    ...reachedBy(board.status, outcome),
    cause,
    ...(freed !== undefined && { freed }),
    ...(gap !== undefined && { gap }),
    plan: dryRun ? board.carried().plan : undefined,
  };
  if (outcome === 'cancelled') throw new CancelledFailure('cancelled', [result]);
  if (good.includes(outcome)) return result;
  const { message = outcome, hint } = cause ?? {};
  throw plainFailure({ type: outcome, message: withHint(message, hint), details: [result] });
}

/**
 * Returns a failure without a stack, because the Web UI would show it to people. Half characters are replaced: Temporal
 * refuses them, and the workflow would stop.
 */
export function plainFailure({
  message,
  ...options
}: {
  type: string;
  message: string;
  details?: unknown[];
}): ApplicationFailure {
  const failure = ApplicationFailure.create({ ...options, message: message.toWellFormed(), nonRetryable: true });
  failure.stack = '';
  return failure;
}

/**
 * Returns a failure with a way out. The Web UI shows the message first, so that says both. The details have the parts,
 * for clients.
 */
export const hintedFailure = ({
  code,
  message,
  hint,
}: Pick<Failure, 'code' | 'message' | 'hint'>): ApplicationFailure =>
  plainFailure({ type: code, message: withHint(message, hint), details: [{ message: message.toWellFormed(), hint }] });

const withHint = (message: string, hint?: string): string =>
  hint ? `${message}${message.includes('\n') ? '\n' : ' '}→ ${hint}` : message;

const good: Outcome[] = [...reached, 'removed', 'unchanged', 'planned', 'rolled-back'];
