import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { timeText } from '../model/quantities';

/** How a workflow ended. */
export interface Ending {
  /** Its outcome in words, `released`; else Temporal's own word for its end, `terminated`. */
  state: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Returns how a workflow ended; undefined if it runs, or never was. */
export async function endingOf(client: Client, workflowId: string): Promise<Ending | undefined> {
  try {
    const { closeTime, status, searchAttributes } = await client.workflow.getHandle(workflowId).describe();
    const outcome = searchAttributes.BelayOutcome?.[0];
    const state = String(outcome ?? status.name.toLowerCase()).replaceAll(/[-_]/g, ' ');
    return closeTime && { state, at: closeTime.getTime() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Returns `has ended: released, 12 s ago`. Pure. */
export function endingText({ state, at }: Ending, now: number): string {
  const passed = Math.max(0, now - at);
  // Seconds say nothing of what is long over.
  const rough = passed < minute ? passed : passed - (passed % minute);
  return `has ended: ${state}, ${timeText(rough)} ago`;
}

const minute = 60_000;
