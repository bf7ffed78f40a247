import type { Belay } from '../../client';
import type { ReleaseStatus } from '../../spec/status';
import { withBelay } from '../connect';
import type { Context } from '../context';
import { isHeld, waitsOf } from '../events';
import { wayOn } from '../message';
import type { WhichPlatform } from '../project';
import { phaseText } from '../render/outcome';
import { bad, type Check, warn } from './check';
import { nameOf } from './instances';

/** The release that has the platform's services now; that Temporal does not answer is told beside. */
export async function examineRunning(context: Context, options: WhichPlatform): Promise<Check[]> {
  const platform = nameOf(context, options);
  if (platform === undefined) return [];
  return await withBelay(context, (belay) => running(belay, platform)).catch(() => []);
}

async function running(belay: Belay, platform: string): Promise<Check[]> {
  const handle = await belay.find(platform);
  if (!handle) return await latest(belay, platform);
  const status = await handle.status().catch(() => undefined);
  return [runningCheck(handle.workflowId, status)];
}

/** What the way back of the latest one has left as it was is no state to release from without a look. */
async function latest(belay: Belay, platform: string): Promise<Check[]> {
  const handle = await belay.find(platform, { ended: true });
  const { outcome } = (await handle?.result()) ?? {};
  return outcome === 'incomplete' ? [mixedCheck(handle!.workflowId)] : [];
}

/** Pure. */
export const mixedCheck = (workflowId: string): Check =>
  bad(
    'release',
    `the way back of ${workflowId} is incomplete: instances of two revisions may run`,
    'belay plan shows what is missing, and belay release brings it to one revision',
    'belay drop takes the platform off this host, where that does not go',
  );

/** @param status undefined where nobody answers for it. Pure. */
export function runningCheck(workflowId: string, status?: ReleaseStatus): Check {
  if (!status) return warn('release', `${workflowId} runs, and nobody answers for it`, `belay status ${workflowId}`);
  const names = (status.plan?.removals ?? status.plan?.services ?? []).map(({ service }) => service);
  const has = names.length > 0 ? ` has ${names.join(', ')}` : ' runs';
  const [wait] = waitsOf(status);
  const waits = wait ? `, ${wait.text.split('\n')[0]}` : '';
  const say = isHeld(status) ? bad : warn;
  return say(
    'release',
    `${workflowId}${has} now: ${phaseText(status.phase, status.kind)}${waits}`,
    wayOn(status, workflowId),
  );
}
