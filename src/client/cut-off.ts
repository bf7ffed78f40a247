import type { Client } from '@temporalio/client';
import type { Plan } from '../model/plan';
import { localTime } from '../model/quantities';
import type { ReleaseStatus, StepStatus } from '../model/status';
import { describe } from '../model/steps';
import { nounOf } from '../model/workflow-words';

/** An end that the workflow's own code did not make, and that it could not answer by a rollback. */
export interface CutOff {
  workflowId: string;
  /** `was terminated`, `timed out` and others. */
  how: string;
  /** True if its code had no say, so that it can have undone nothing. */
  isForced: boolean;
  /** ISO 8601. */
  at: string;
  /** Who terminated it and why, as far as Temporal knows. */
  said?: string;
}

const ends: Record<string, string> = {
  TERMINATED: 'was terminated',
  TIMED_OUT: 'timed out',
  FAILED: 'failed by a fault',
  CANCELLED: 'was cancelled before it could roll back',
};

/** Returns how a workflow was cut off; undefined if it runs, or has completed. */
export async function cutOffOf(client: Client, workflowId: string): Promise<CutOff | undefined> {
  const { status, closeTime, runId } = await client.workflow.getHandle(workflowId).describe();
  const how = ends[status?.name];
  if (!how || !closeTime) return undefined;
  const said = status.name === 'TERMINATED' ? await reasonOf(client, workflowId, runId) : undefined;
  const isForced = status.name === 'TERMINATED' || status.name === 'TIMED_OUT';
  return { workflowId, how, isForced, at: closeTime.toISOString(), ...(said && { said }) };
}

/** Only the last event of the history has it. */
async function reasonOf(client: Client, workflowId: string, runId: string): Promise<string> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  return history?.events?.[0]?.workflowExecutionTerminatedEventAttributes?.reason ?? '';
}

/** Returns the last status of a workflow that was cut off, as its end. Pure. */
export function cutOffStatus(status: ReleaseStatus, cut: CutOff): ReleaseStatus {
  const { plan, kind } = status;
  // The code of a release that fails or is cancelled while it plans has seen to its end.
  if (!cut.isForced && !plan) return status;
  return {
    ...status,
    phase: 'closed',
    outcome: 'terminated',
    paused: false,
    waiting: [],
    steps: Object.fromEntries(Object.entries(status.steps).map(([id, step]) => [id, ended(step, cut.at)])),
    cause: {
      code: 'unexpected',
      message: `${cutOffText(cut)}${plan ? placeOf(plan, status.steps) + undoneBy(plan, status.steps) : ''}`,
      hint: plan ? wayOn(kind) : `start another ${nounOf(kind)}`,
    },
  };
}

/** Returns `release/shop/1 was terminated at … (reason)`. Pure. */
export const cutOffText = ({ workflowId, how, at, said }: CutOff): string =>
  `${workflowId} ${how} at ${localTime(at)}${said ? ` (${said})` : ''}`;

/** Returns the commands that lead on from what it has left. Pure. */
export function wayOn(kind: ReleaseStatus['kind']): string {
  if (kind === 'release')
    return '`belay release` goes on from what stands, `belay rollback` goes back to what ran before';
  if (kind === 'rollback')
    return '`belay rollback` goes on from what stands, `belay release` leads to the version of the files';
  return `start another ${nounOf(kind)}: it goes on from what stands`;
}

/** Tells that nothing went back, unless a rollback had begun. */
const undoneBy = ({ undo }: Plan, states: ReleaseStatus['steps']): string =>
  undo.some(({ id }) => states[id]?.startedAt !== undefined) ? '' : ', and has undone nothing';

const isOpen = ({ state }: StepStatus): boolean => state === 'running' || state === 'unreachable';

const ended = (step: StepStatus, endedAt: string): StepStatus =>
  isOpen(step) ? { ...step, state: 'cancelled', endedAt } : step;

/** Returns ` at step 11 (wait for approval)`, or nothing between two steps. */
function placeOf({ steps, undo }: Plan, states: ReleaseStatus['steps']): string {
  const numbered = [
    ...steps.map((step, index) => ({ step, number: `${index + 1}` })),
    ...undo.map((step, index) => ({ step, number: `u${index + 1}` })),
  ];
  const open = numbered.filter(({ step }) => states[step.id] && isOpen(states[step.id]!));
  if (open.length === 0) return '';
  const all = open.map(({ step, number }) => `${number} (${describe(step)})`).join(', ');
  return ` at ${open.length > 1 ? 'steps' : 'step'} ${all}`;
}
