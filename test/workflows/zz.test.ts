import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { join } from 'node:path';
test('x', async () => {
  let t = Date.now();
  const b = await bundleWorkflowCode({ workflowsPath: join(__dirname, '../../workflows/index.ts'), logger: undefined });
  console.log('bundle', Date.now() - t, b.code.length); t = Date.now();
  const ts = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: '/work/main/.tools/bin/temporal-test-server' } } });
  console.log('ts', Date.now() - t); t = Date.now();
  const dev = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path: '/work/main/.tools/bin/temporal' } } });
  console.log('dev', Date.now() - t); t = Date.now();
  await ts.teardown(); await dev.teardown();
  console.log('down', Date.now() - t);
});
