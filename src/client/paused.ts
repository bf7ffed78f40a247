import type { Client } from '@temporalio/client';
import { BelayError } from '../errors';
import { kinds } from '../model/messages';

/** gRPC's INVALID_ARGUMENT: servers before 1.28 do not know that state. */
const unknownState = 3;

/** Returns the ids of Belay's workflows that the Temporal server has paused; empty if it cannot pause. */
export async function pausedWorkflows(client: Client): Promise<string[]> {
  const query = `ExecutionStatus = "Paused" AND WorkflowType IN (${kinds.map((type) => `"${type}"`).join(', ')})`;
  const ids: string[] = [];
  return await unlessUnknown(
    async () => {
      for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
      return ids;
    },
    async () => [],
  );
}

/** Queries running or paused workflows; only running ones if the server knows no pause. */
export const openOnly = <T>(ask: (condition: string) => Promise<T>): Promise<T> =>
  unlessUnknown(
    () => ask('ExecutionStatus IN ("Running", "Paused")'),
    () => ask('ExecutionStatus = "Running"'),
  );

/** Returns the error of a workflow that the server has paused. Undefined if it has not, or does not answer. */
export async function pauseOf(client: Client, workflowId: string): Promise<BelayError | undefined> {
  const found = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  if (found?.status.name !== 'PAUSED') return undefined;
  const { identity, reason } = found.raw.workflowExtendedInfo?.pauseInfo ?? {};
  const who = identity ? ` by ${identity}${reason ? `: ${reason}` : ''}` : '';
  return new BelayError(
    'workflow-paused',
    `${workflowId} is paused by the Temporal server${who}; it does not go on and takes no message, not even a rollback`,
    { hint: unpause(workflowId) },
  );
}

/** Pure. */
export const unpause = (workflowId: string): string =>
  `temporal workflow unpause --workflow-id ${workflowId}, or Unpause in the Web UI; belay pause is a pause that still takes messages`;

async function unlessUnknown<T>(ask: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { code } = (error as { cause?: { code?: number } }).cause ?? {};
    if (code !== unknownState) throw error;
    return await otherwise();
  }
}
