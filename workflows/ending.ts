import { ApplicationFailure, allHandlersFinished, CancelledFailure, condition } from '@temporalio/workflow';
import type { Carried } from '../src/model/packed';
import type { Plan, ServicePlan } from '../src/model/plan';
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
  const { plan, platform, freed } = board.status;
  const services = plan?.services ?? [];
  const gap = gapOf(board.status);
  const stayed = stayedIn(plan, board, outcome);
  const result: Carried<ReleaseResult> = {
    outcome,
    platform,
    revisions: Object.fromEntries(services.map((one) => [one.service, reached(one, outcome, stayed)])),
    cause,
    ...(stayed.length > 0 && { stayed }),
    ...(freed !== undefined && { freed }),
    ...(gap !== undefined && { gap }),
    plan: dryRun ? board.carried().plan : undefined,
  };
  if (outcome === 'cancelled') throw new CancelledFailure('cancelled', [result]);
  if (good.includes(outcome)) return result;
  throw plainFailure({ type: outcome, message: cause?.message ?? outcome, details: [result] });
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

const good: Outcome[] = ['released', 'removed', 'unchanged', 'planned', 'rolled-back'];

const reached = ({ service, from, to }: ServicePlan, outcome: Outcome, stayed: string[]): number =>
  outcome === 'released' || stayed.includes(service) ? to.revision : (from?.revision ?? 0);

/** Returns the services that keep their new revision although others went back. */
function stayedIn(plan: Plan | undefined, board: Board, outcome: Outcome): string[] {
  if (!plan || outcome === 'released') return [];
  const isDone = (id: string | undefined) => id !== undefined && board.of(id)?.state === 'done';
  const recordOf = (service: string, steps: Plan['steps']) =>
    steps.find((step) => step.kind === 'record' && step.service === service)?.id;
  return (plan.lasting ?? []).filter(
    (service) => isDone(recordOf(service, plan.steps)) && !isDone(recordOf(service, plan.undo)),
  );
}
