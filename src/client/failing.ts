import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { BelayError } from '../errors';
import { buildText } from './builds';

type Described = Pick<WorkflowExecutionDescription, 'raw' | 'runId' | 'workflowId'>;
type Event = temporal.api.history.v1.IHistoryEvent;
const { EventType, WorkflowTaskFailedCause: cause } = temporal.api.enums.v1;

/** What Temporal itself does with a task of a workflow that is well. */
const harmless = new Set([
  cause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  cause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_UPDATE,
  cause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
  cause.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
  cause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
  cause.WORKFLOW_TASK_FAILED_CAUSE_FAILOVER_CLOSE_COMMAND,
]);

/** The latest of a history; each task leaves three or four. */
const looked = 100;

/** What to say of a workflow whose own code fails; undefined where it does not, has ended, or Temporal does not answer. */
export async function failingTask(client: Client, workflowId: string): Promise<BelayError | undefined> {
  const found = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return found && (await failingIn(client, found));
}

/** The same of a workflow as Temporal describes it. */
export async function failingIn(client: Client, found: Described): Promise<BelayError | undefined> {
  const { raw, runId, workflowId } = found;
  try {
    if (!raw?.pendingWorkflowTask || (raw.pendingWorkflowTask.attempt ?? 0) <= 1) return undefined;
    const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: looked,
    });
    return problemIn(history?.events ?? [], workflowId);
  } catch {
    return undefined;
  }
}

/** @param events the latest first. Pure. */
export function problemIn(events: Event[], workflowId: string): BelayError | undefined {
  const at = (type: number) => events.find(({ eventType }) => eventType === type);
  const done = at(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
  const failed = at(EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED);
  const why = failed?.workflowTaskFailedEventAttributes;
  if (!failed || !why || (done && Number(done.eventId) > Number(failed.eventId))) return undefined;
  if (harmless.has(why.cause ?? cause.WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED)) return undefined;
  const before = done?.workflowTaskCompletedEventAttributes?.workerVersion?.buildId;
  const [words = ''] = (why.failure?.message ?? '').split('\n');
  const isOther = why.cause === cause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR;
  const what = isOther ? 'this Belay cannot go on with what another build began' : 'a fault of its workflow code';
  const last = before ? `; it was last run by ${buildText(before)}` : '';
  return new BelayError(
    'workflow-failing',
    `${workflowId} stands still and hears nothing, a rollback included: ${what}${last} (${words})`,
    {
      hint: `${isOther ? 'start the worker with the build that ran it last' : 'start the worker with a build that has the fault mended'}, and it goes on by itself; else temporal workflow terminate --workflow-id ${workflowId}, then belay plan and belay release go by what is on the host`,
    },
  );
}
