import type { Client } from '@temporalio/client';

/** Milliseconds. */
const patience = 5_000;

/** Returns the start of a running activity by Temporal's clock; undefined if it does not tell. */
export async function startedAt(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
  activityId: string,
): Promise<number | undefined> {
  const ask = () => client.workflow.getHandle(workflowId, runId).describe();
  const { raw } = await client.withDeadline(Date.now() + patience, ask);
  const started = raw.pendingActivities?.find((one) => one.activityId === activityId)?.lastStartedTime;
  return started ? Number(started.seconds) * 1000 + (started.nanos ?? 0) / 1e6 : undefined;
}
