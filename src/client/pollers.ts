import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const types = {
  workflow: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
};

/** A poll lasts a minute at most; Temporal remembers pollers for five. */
const fresh = 70_000;

/** Returns the identities (`<pid>@<host>`) of the workers that poll a task queue now. */
export async function pollersOf(
  client: Client,
  { taskQueue, type }: { taskQueue: string; type: keyof typeof types },
): Promise<string[]> {
  const { namespace } = client.options;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: types[type],
  });
  const recent = (pollers ?? []).filter(
    ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < fresh,
  );
  return [...new Set(recent.map(({ identity }) => identity ?? 'unknown'))];
}
