import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const types = {
  workflow: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
};

/** A poll lasts a minute at most; Temporal remembers pollers for five. */
const fresh = 70_000;

/** A worker that polls a task queue. */
export interface Poller {
  /** `<pid>@<host>`. */
  identity: string;
  /** The id of its build, where it tells one. */
  build?: string;
  /** Its latest poll by Temporal's clock, in milliseconds since 1970. */
  seenAt: number;
}

/** Returns the workers that poll a task queue now, or did a minute ago; the one seen last comes first. */
export async function pollersOf(
  client: Client,
  { taskQueue, type }: { taskQueue: string; type: keyof typeof types },
): Promise<Poller[]> {
  const { namespace } = client.options;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: types[type],
  });
  const all = (pollers ?? []).map(({ identity, lastAccessTime, deploymentOptions, workerVersionCapabilities }) => ({
    identity: identity ?? 'unknown',
    build: deploymentOptions?.buildId || workerVersionCapabilities?.buildId || undefined,
    seenAt: Number(lastAccessTime?.seconds ?? 0) * 1000 + (lastAccessTime?.nanos ?? 0) / 1e6,
  }));
  const recent = all.filter(({ seenAt }) => Date.now() - seenAt < fresh).sort((a, b) => b.seenAt - a.seenAt);
  return firstOfEach(recent, ({ identity }) => identity);
}

/** The worker's host, by its identity. */
export const hostOf = ({ identity }: Poller): string => identity.slice(identity.indexOf('@') + 1);

/** The first of each key. */
export const firstOfEach = <T>(all: T[], key: (one: T) => string): T[] =>
  all.filter((one, index) => all.findIndex((other) => key(other) === key(one)) === index);
