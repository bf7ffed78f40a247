import { ApplicationFailure, allHandlersFinished, CancelledFailure, condition } from '@temporalio/workflow';
import type { Carried } from '../src/model/packed';
import type { Plan, ServicePlan } from '../src/model/plan';
import type { Failure, Outcome, ReleaseResult } from '../src/model/status';
import type { Board } from './board';

/** What is told at the end, as a result or as the failure that carries it. */
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
  const stayed = stayedIn(plan, board, outcome);
  const result: Carried<ReleaseResult> = {
    outcome,
    platform,
    revisions: Object.fromEntries(services.map((one) => [one.service, reached(one, outcome, stayed)])),
    cause,
    ...(stayed.length > 0 && { stayed }),
    ...(freed !== undefined && { freed }),
    plan: dryRun ? board.carried().plan : undefined,
  };
  if (outcome === 'cancelled') throw new CancelledFailure('cancelled', [result]);
  if (good.includes(outcome)) return result;
  throw told({ type: outcome, message: cause?.message ?? outcome, details: [result] });
}

/**
 * A failure for people: the Web UI shows a stack where there is one, and nobody can do anything with it. Half a character,
 * as people may send it, is replaced: Temporal takes no such text, and the workflow would go on no more.
 */
export function told({
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

/** Services that are on record with their new revision, although the others are not. */
function stayedIn(plan: Plan | undefined, board: Board, outcome: Outcome): string[] {
  if (!plan || outcome === 'released') return [];
  const isDone = (id: string | undefined) => id !== undefined && board.of(id)?.state === 'done';
  const recordOf = (service: string, steps: Plan['steps']) =>
    steps.find((step) => step.kind === 'record' && step.service === service)?.id;
  return (plan.lasting ?? []).filter(
    (service) => isDone(recordOf(service, plan.steps)) && !isDone(recordOf(service, plan.undo)),
  );
}
