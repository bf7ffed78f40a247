import type { Belay } from '../../client';
import type { ReleaseStatus } from '../../spec/status';
import { withBelay } from '../connect';
import type { Context } from '../context';
import { waitsOf } from '../events';
import { wayOn } from '../message';
import type { WhichPlatform } from '../project';
import { phaseText } from '../render/outcome';
import { type Check, warn } from './check';
import { nameOf } from './instances';

/** The release that has the platform's services now; that Temporal does not answer is told beside. */
export async function examineRunning(context: Context, options: WhichPlatform): Promise<Check[]> {
  const platform = nameOf(context, options);
  if (platform === undefined) return [];
  return await withBelay(context, (belay) => running(belay, platform)).catch(() => []);
}

async function running(belay: Belay, platform: string): Promise<Check[]> {
  const handle = await belay.find(platform);
  if (!handle) return [];
  const status = await handle.status().catch(() => undefined);
  return [runningCheck(handle.workflowId, status)];
}

/** @param status undefined where nobody answers for it. Pure. */
export function runningCheck(workflowId: string, status?: ReleaseStatus): Check {
  if (!status) return warn('release', `${workflowId} runs, and nobody answers for it`, `belay status ${workflowId}`);
  const names = (status.plan?.removals ?? status.plan?.services ?? []).map(({ service }) => service);
  const has = names.length > 0 ? ` has ${names.join(', ')}` : ' runs';
  const [wait] = waitsOf(status);
  const waits = wait ? `, ${wait.text.split('\n')[0]}` : '';
  return warn(
    'release',
    `${workflowId}${has} now: ${phaseText(status.phase, status.kind)}${waits}`,
    wayOn(status, workflowId),
  );
}
