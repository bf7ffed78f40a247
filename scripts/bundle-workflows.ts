import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { bundleOptions } from './bundle-options';

/** Builds the workflow bundle ahead, so that a worker starts without a bundler. */
bundleWorkflowCode(bundleOptions)
  .then(({ code }) => writeFileSync(join(__dirname, '..', 'workflow-bundle.js'), code))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
