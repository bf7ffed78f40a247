import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { temporal as api } from '@temporalio/proto';
import { connectClient } from '../../src/client/connect';
import { startedAt } from '../../src/worker/started-at';
import { startTemporal, type Temporal } from '../../testbed';

const dir = mkdtempSync(join(tmpdir(), 'belay-started-'));
const seconds = (count: number) => ({ seconds: count as never, nanos: 0 });
const taskQueue = { name: 'q' };
let temporal: Temporal;
let client: Client;

beforeAll(async () => {
  temporal = await startTemporal({ dir });
  client = await connectClient({ TEMPORAL_ADDRESS: temporal.address });
});
afterAll(async () => {
  await client?.connection.close();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

/** Schedules an activity as a workflow's code would. */
async function scheduleActivity(activityId: string): Promise<void> {
  const { namespace } = client.options;
  const poll = () => client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue });
  const { taskToken } = await client.withDeadline(Date.now() + 30_000, poll);
  const scheduled = {
    activityId,
    activityType: { name: 'preflight' },
    taskQueue,
    scheduleToCloseTimeout: seconds(60),
    startToCloseTimeout: seconds(60),
  };
  const commandType = api.api.enums.v1.CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK;
  const commands = [{ commandType, scheduleActivityTaskCommandAttributes: scheduled }];
  await client.workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
}

test('an activity that runs began when its worker took it, by the server’s clock', async () => {
  const { workflowId, firstExecutionRunId: runId } = await client.workflow.start('release', {
    workflowId: 'release/shop/1',
    taskQueue: 'q',
  });
  await scheduleActivity('1');
  expect(await startedAt(client, { workflowId, runId }, '1')).toBeUndefined();
  const before = Date.now();
  const { namespace } = client.options;
  const poll = () => client.workflowService.pollActivityTaskQueue({ namespace, taskQueue });
  await client.withDeadline(Date.now() + 30_000, poll);
  const found = await startedAt(client, { workflowId, runId }, '1');
  expect(found).toBeGreaterThan(before - 1);
  expect(found).toBeLessThan(Date.now() + 1);
  expect(await startedAt(client, { workflowId, runId }, '2')).toBeUndefined();
});
