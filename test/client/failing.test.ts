import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { examineOpen } from '../../src/cli/doctor/open';
import { connectClient } from '../../src/client/connect';
import { createHandle } from '../../src/client/handle';
import { startTemporal, type Temporal, waitFor } from '../../testbed';
import { belay } from '../cli/support';
import { silence } from '../workflows/stage';

/** Workflows whose code fails: they hear nothing, and Temporal says so to nobody who does not ask for it. */

const dir = mkdtempSync(join(tmpdir(), 'belay-failing-'));
let temporal: Temporal;
let client: Client;
let native: NativeConnection;
let stop: () => Promise<void>;

beforeAll(async () => {
  silence();
  temporal = await startTemporal({ dir });
  const { address } = temporal;
  client = await connectClient({ TEMPORAL_ADDRESS: address });
  native = await NativeConnection.connect({ address });
});
afterAll(async () => {
  await stop?.();
  await native?.close();
  await client?.connection.close();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

/** Ends the worker that runs, and starts one of another build. */
async function upgrade(build: 'before' | 'after' | 'faulty'): Promise<void> {
  await stop?.();
  const worker = await Worker.create({
    connection: native,
    taskQueue: 'belay',
    workflowsPath: join(__dirname, 'workflows', `${build}.ts`),
    buildId: `belay@1.0.0+${build}`,
    maxCachedWorkflows: 0,
  });
  const running = worker.run();
  stop = async () => {
    worker.shutdown();
    await running;
  };
}

async function start(workflowId: string): Promise<void> {
  await client.workflow.start('release', { workflowId, taskQueue: 'belay' });
}

const cli = (...args: string[]) =>
  belay(args, { cwd: dir, env: { BELAY_HOME: join(dir, 'home'), TEMPORAL_ADDRESS: temporal.address } });

test('what another build began is told by doctor before it fails, by status once it does, and goes on with that build', async () => {
  const workflowId = 'release/shop/1';
  const handle = createHandle(client, workflowId);
  await upgrade('before');
  await start(workflowId);
  expect(await handle.status()).toEqual({ steps: {} });
  await waitFor({ what: 'it in the list', until: async () => (await client.workflow.count()).count === 1 });
  expect(await examineOpen(client)).toEqual([]);

  await upgrade('after');
  // Its first poll tells Temporal which build it is.
  await waitFor({ what: 'the new build', until: async () => (await examineOpen(client)).length > 0 });
  expect(await examineOpen(client)).toMatchObject([
    {
      state: 'warn',
      text: expect.stringContaining(`${workflowId} was last run by another build (belay@1.0.0 build before)`),
    },
  ]);
  await client.workflow.getHandle(workflowId).signal('rollback', {});
  const text = `${workflowId} is stuck and takes no message, not even a rollback: this build cannot continue a workflow of another build; it was last run by belay@1.0.0 build before`;
  await waitFor({
    what: 'the failure',
    until: async () => (await handle.status().catch(({ message }: Error) => message)).toString().startsWith(text),
  });
  expect(await examineOpen(client)).toMatchObject([{ state: 'bad', text: expect.stringContaining(text) }]);
  const hint = expect.stringContaining('start the worker with the build that ran it last, and it goes on by itself');
  const said = await cli('status', workflowId, '--json');
  expect(said.code).toBe(6);
  expect(JSON.parse(said.out)).toMatchObject({ type: 'error', code: 'workflow-failing', hint });
  expect(await cli('approve', workflowId)).toMatchObject({ code: 6, err: expect.stringContaining(text) });
  expect(await cli('rollback', workflowId)).toMatchObject({ err: expect.stringContaining(text) });

  await upgrade('before');
  await waitFor({ what: 'an answer', until: async () => (await handle.status().catch(() => undefined)) !== undefined });
});

test('a fault in the code is told with its words', async () => {
  await upgrade('faulty');
  await start('release/shop/2');
  const handle = createHandle(client, 'release/shop/2');
  const said = () => handle.status().catch((error: unknown) => error);
  await waitFor({
    what: 'the failure',
    until: async () => ((await said()) as { code?: string }).code === 'workflow-failing',
  });
  expect(await said()).toMatchObject({
    message: expect.stringMatching(/a fault of its workflow code \(.*plan.steps is not iterable/),
    hint: expect.stringContaining('temporal workflow terminate --workflow-id release/shop/2'),
  });
});
