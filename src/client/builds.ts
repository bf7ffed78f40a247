import type { Client } from '@temporalio/client';
import { kinds } from '../model/messages';
import { openOnly } from './paused';
import { firstOfEach, hostOf, pollersOf } from './pollers';

/** Returns the ids of builds whose workers run workflows now. Of each host, the worker seen last counts. */
export async function buildsNow(client: Client): Promise<string[]> {
  const workers = await pollersOf(client, { taskQueue: 'belay', type: 'workflow' });
  return [...new Set(firstOfEach(workers, hostOf).flatMap(({ build }) => build ?? []))];
}

/** An open workflow, and the build that ran its latest task; absent before the first task. */
export interface OpenWorkflow {
  workflowId: string;
  build?: string;
}

/** Returns Belay's open workflows; a hundred at most. */
export async function openWorkflows(client: Client): Promise<OpenWorkflow[]> {
  const types = kinds.map((type) => `"${type}"`).join(', ');
  const ids = await openOnly(async (open) => {
    const found: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: `${open} AND WorkflowType IN (${types})` })) {
      if (found.push(workflowId) === most) break;
    }
    return found;
  });
  return await Promise.all(
    ids.map(async (workflowId) => {
      const { raw } = await client.workflow.getHandle(workflowId).describe();
      return { workflowId, build: raw.workflowExecutionInfo?.mostRecentWorkerVersionStamp?.buildId || undefined };
    }),
  );
}

const most = 100;

/** Returns a build as people compare it: `belay@0.1.0 build 1a2b3c4d5e6f`. Pure. */
export function buildText(id: string): string {
  const [name, checksum] = id.split('+');
  return checksum === undefined ? id : `${name} build ${checksum.slice(0, 12)}`;
}
