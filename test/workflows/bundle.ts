import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';
import { bundleOptions, tracedBundleOptions } from '../../scripts/bundle-options';
import { projectRoot } from '../../testbed/root';

/**
 * Returns the workflows as `npm run build` has bundled them. If a source is newer, it bundles them here, which takes
 * seconds.
 */
export async function bundle({ traced = false } = {}): Promise<WorkflowBundleOption> {
  const codePath = join(projectRoot, 'dist', traced ? 'workflow-bundle-traced.js' : 'workflow-bundle.js');
  if (isCurrent(codePath)) return { codePath };
  return await bundleWorkflowCode({
    ...(traced ? tracedBundleOptions : bundleOptions),
    logger: new DefaultLogger('ERROR'),
  });
}

function isCurrent(file: string): boolean {
  if (!existsSync(file)) return false;
  const { mtimeMs } = statSync(file);
  return ['workflows', 'src', 'scripts'].flatMap(filesIn).every((source) => statSync(source).mtimeMs < mtimeMs);
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
