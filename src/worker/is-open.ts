import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { FenceOwner } from '../hosts/fence';

/** Every other one may still act: one that is paused is open. */
const closed: string[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'];
const patience = 5_000;

/**
 * Whether a workflow goes on that holds a fence by its first run. Its latest run is asked: the first one may be past the
 * retention of the namespace, while a later one acts.
 */
export async function isOpen(client: Client, owner: FenceOwner): Promise<'open' | 'closed' | 'unknown'> {
  try {
    const { connection } = client;
    const there = new Client({ connection, namespace: owner.namespace });
    const ask = () => there.workflow.getHandle(owner.workflowId).describe();
    const { status, runId, raw } = await client.withDeadline(Date.now() + patience, ask);
    // Another workflow has taken the name since, and only one of a name can be open.
    if ((raw.workflowExecutionInfo?.firstRunId || runId) !== owner.runId) return 'closed';
    return closed.includes(status.name) ? 'closed' : 'open';
  } catch (error) {
    // Its history is past the retention of the namespace, so it ended long ago.
    return error instanceof WorkflowNotFoundError ? 'closed' : 'unknown';
  }
}
