import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { examinePaused } from '../../src/cli/doctor/paused';
import { connectClient } from '../../src/client/connect';
import { startTemporal, type Temporal, waitFor } from '../../testbed';
import { belay } from './support';

const dir = mkdtempSync(join(tmpdir(), 'belay-paused-'));
const workflowId = 'release/shop/20300101T000000Z-abcdef';
let temporal: Temporal;
let client: Client;

beforeAll(async () => {
  temporal = await startTemporal({ dir, settings: ['frontend.WorkflowPauseEnabled=true'] });
  client = await connectClient({ TEMPORAL_ADDRESS: temporal.address });
  const platform = defineSearchAttributeKey('BelayPlatform', 'KEYWORD');
  await client.workflow.start('release', {
    workflowId,
    taskQueue: 'nobody',
    args: [{}],
    typedSearchAttributes: [{ key: platform, value: 'shop' }],
  });
});
afterAll(async () => {
  await client?.connection.close();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

const ask = (...args: string[]) =>
  belay(args, { cwd: dir, env: { BELAY_HOME: join(dir, 'home'), TEMPORAL_ADDRESS: temporal.address } });

test('a release that the server itself has paused is found, and how it goes on is said', async () => {
  expect(await examinePaused(client)).toEqual([]);
  const request = {
    namespace: 'default',
    workflowId,
    identity: 'ana@laptop',
    reason: 'a look',
    requestId: randomUUID(),
  };
  await client.workflowService.pauseWorkflowExecution(request);
  await waitFor({
    what: 'the pause in the list',
    until: async () => (await examinePaused(client)).length > 0,
  });
  expect(await examinePaused(client)).toMatchObject([
    { state: 'bad', text: expect.stringContaining(workflowId), todo: [expect.stringContaining('workflow unpause')] },
  ]);
  const said = {
    code: 6,
    err: expect.stringMatching(
      /is paused by the Temporal server by ana@laptop: a look; .*\n.*unpause --workflow-id release/,
    ),
  };
  expect(await ask('status', '--platform', 'shop')).toMatchObject(said);
  expect(await ask('approve', '--platform', 'shop')).toMatchObject(said);
  expect(await ask('reject', '--platform', 'shop')).toMatchObject(said);
});
