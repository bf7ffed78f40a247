import type { Client } from '@temporalio/client';
import { buildsNow, buildText, type OpenWorkflow, openWorkflows } from '../../client/builds';
import { failingTask } from '../../client/failing';
import { bad, type Check, warn } from './check';

/** Checks for open releases that this build's workers may not be able to go on with, or cannot. */
export async function examineOpen(client: Client): Promise<Check[]> {
  const [open, now] = await Promise.all([openWorkflows(client), buildsNow(client)]);
  const found = await Promise.all(
    open.map(async (one) => {
      const failing = await failingTask(client, one.workflowId);
      return failing ? [bad('release', failing.message, failing.hint!)] : otherBuild(one, now);
    }),
  );
  return found.flat();
}

/** Pure. */
export function otherBuild({ workflowId, build }: OpenWorkflow, now: string[]): Check[] {
  if (build === undefined || now.length === 0 || now.includes(build)) return [];
  const text = `${workflowId} was last run by another build (${buildText(build)}) than the workers of now (${now.map(buildText).join('; ')})`;
  return [
    warn('release', text, `it goes on with this one; if it stands still then, belay status ${workflowId} says so`),
  ];
}
