import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { BelayError } from '../errors';
import { pollersOf } from './pollers';

/** The task queue of Belay's workers. */
const own = 'belay';

type Described = Pick<WorkflowExecutionDescription, 'status' | 'taskQueue' | 'workflowId'>;

/**
 * Returns the error of a workflow that was started in a task queue that no worker serves, as by a slip in the Web UI's
 * form. Undefined for another one, and if Temporal does not answer.
 */
export async function unservedQueue(client: Client, found: Described): Promise<BelayError | undefined> {
  const { status, taskQueue, workflowId } = found;
  if (status?.name !== 'RUNNING' || !taskQueue || taskQueue === own) return undefined;
  const pollers = await pollersOf(client, { taskQueue, type: 'workflow' }).catch(() => undefined);
  if (!pollers || pollers.length > 0) return undefined;
  return new BelayError(
    'input-invalid',
    `${workflowId} waits in task queue ${taskQueue}, which no worker serves; Belay's is ${own}`,
    { hint: `terminate it in the Web UI, and start it again in task queue ${own}` },
  );
}
