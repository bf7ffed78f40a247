import type { Client } from '@temporalio/client';
import { errorIn } from './handle';

/** The state of a workflow that goes on measuring a closed release. */
export interface WatchState {
  /** True while it measures. */
  open: boolean;
  /** How it ended. */
  text?: string;
  /** Why it has rolled nothing back, and what a person can do. */
  failed?: { message: string; hint?: string };
}

/** Returns the state of a watch by its workflow id. Throws `input-invalid` for an unknown one, `temporal-unreachable`. */
export async function watchState(client: Client, workflowId: string): Promise<WatchState> {
  const handle = client.workflow.getHandle<() => Promise<string>>(workflowId);
  const { status } = await handle.describe().catch((error) => {
    throw errorIn(error, workflowId);
  });
  if (status.name === 'RUNNING') return { open: true };
  try {
    return { open: false, text: await handle.result() };
  } catch (error) {
    const { message, hint } = errorIn(error, workflowId);
    return { open: false, failed: { message, ...(hint && { hint }) } };
  }
}
