import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { FenceOwner } from '../hosts/fence';

/** Every other state may still act: a paused workflow is open. */
const closed: string[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'];
const patience = 5_000;

/**
 * Tells if the workflow that holds a fence by its first run is still open. Temporal tells of its latest run. The first
 * one may be past the namespace's retention, while a later one acts.
 */
export async function isOpen(client: Client, owner: FenceOwner): Promise<'open' | 'closed' | 'unknown'> {
  try {
    const { connection } = client;
    const there = new Client({ connection, namespace: owner.namespace });
    const ask = () => there.workflow.getHandle(owner.workflowId).describe();
    const { status, runId, raw } = await client.withDeadline(Date.now() + patience, ask);
    // Another workflow has this id since, and only one of an id can be open.
    if ((raw.workflowExecutionInfo?.firstRunId || runId) !== owner.runId) return 'closed';
    return closed.includes(status.name) ? 'closed' : 'open';
  } catch (error) {
    // The history is past the namespace's retention, so the workflow ended long ago.
    return error instanceof WorkflowNotFoundError ? 'closed' : 'unknown';
  }
}

/** Returns a workflow's phase, as its search attribute has it; undefined if Temporal does not tell. */
export async function phaseOf(client: Client, workflowId: string): Promise<string | undefined> {
  const ask = () => client.workflow.getHandle(workflowId).describe();
  const found = await client.withDeadline(Date.now() + patience, ask).catch(() => undefined);
  return found && (found.searchAttributes.BelayPhase?.[0] as string | undefined);
}
