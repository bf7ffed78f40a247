import type { Client } from '@temporalio/client';
import { errorIn } from './handle';

/** The state of a workflow that goes on measuring a closed release. */
export interface WatchState {
  /** True while it measures, or waits for the rollback that it has started. */
  open: boolean;
  /** The rollback that it waits for. */
  rollback?: string;
  /** One word for its end: `passed`, `reverted`, `superseded`, `failed` or `cancelled`. */
  outcome?: string;
  /** How it ended. */
  text?: string;
  /** Why it has rolled nothing back, and what a person can do. */
  failed?: { message: string; hint?: string };
}

/** Returns the state of a watch by its workflow id. Throws `input-invalid` for an unknown one, `temporal-unreachable`. */
export async function watchState(client: Client, workflowId: string): Promise<WatchState> {
  const handle = client.workflow.getHandle<() => Promise<string>>(workflowId);
  const { status, raw, searchAttributes } = await handle.describe().catch((error) => {
    throw errorIn(error, workflowId);
  });
  const [child] = raw.pendingChildren ?? [];
  if (status.name === 'RUNNING') return { open: true, ...(child?.workflowId && { rollback: child.workflowId }) };
  const [outcome] = searchAttributes.BelayOutcome ?? [];
  const ended = { open: false, ...(outcome !== undefined && { outcome: String(outcome) }) };
  if (status.name === 'CANCELLED') return { ...ended, text: 'was cancelled' };
  try {
    return { ...ended, text: await handle.result() };
  } catch (error) {
    const { message, hint } = errorIn(error, workflowId);
    return { ...ended, failed: { message, ...(hint && { hint }) } };
  }
}
