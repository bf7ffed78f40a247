import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Builds the workflow bundle ahead, so that a worker starts without a bundler. */
const dist = join(__dirname, '..');
bundleWorkflowCode({
  workflowsPath: join(dist, 'workflows', 'index.js'),
  payloadConverterPath: join(dist, 'workflows', 'payload-converter.js'),
})
  .then(({ code }) => writeFileSync(join(dist, 'workflow-bundle.js'), code))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
