import type { Belay } from '../../client';
import { belayHome } from '../../hosts/home';
import { createLedger } from '../../hosts/ledger';
import type { ReleaseStatus } from '../../model/status';
import { withBelay } from '../connect';
import type { Context } from '../context';
import { waitsOf } from '../events';
import { wayOn } from '../message';
import type { WhichPlatform } from '../project';
import { phaseText } from '../render/outcome';
import { bad, type Check, warn } from './check';
import { nameOf } from './instances';

/** Checks for the platform's running release; another check reports a silent Temporal. */
export async function examineRunning(context: Context, options: WhichPlatform): Promise<Check[]> {
  const platform = nameOf(context, options);
  if (platform === undefined) return [];
  return await withBelay(context, (belay) => running(belay, platform, belayHome(context.env))).catch(() => []);
}

async function running(belay: Belay, platform: string, home: string): Promise<Check[]> {
  const handle = await belay.find(platform);
  if (!handle) return await begun(home, platform);
  const status = await handle.status().catch(() => undefined);
  return [runningCheck(handle.workflowId, status)];
}

/** Finds revisions that no open release is about to end: the rollback is incomplete, or the release was terminated. */
async function begun(home: string, platform: string): Promise<Check[]> {
  const ledger = createLedger({ home });
  const found = await Promise.all(
    (await ledger.services(platform)).map(async (service) => {
      const revisions = await ledger.of({ platform, service }).revisions();
      return revisions.filter(({ state }) => state === 'pending').map(({ number }) => begunCheck(service, number));
    }),
  );
  return found.flat();
}

const begunCheck = (service: string, revision: number): Check =>
  bad(
    'release',
    `revision ${revision} of ${service} is still pending: instances of two revisions may be running`,
    'belay plan shows what is missing, and belay release brings it to one revision',
    'if that fails, belay drop takes the platform off this host',
  );

/** @param status undefined if the release does not answer. Pure. */
export function runningCheck(workflowId: string, status?: ReleaseStatus): Check {
  if (!status)
    return warn('release', `${workflowId} is running, and no worker answers for it`, `belay status ${workflowId}`);
  const names = (status.plan?.removals ?? status.plan?.services ?? []).map(({ service }) => service);
  const has = names.length > 0 ? ` has ${names.join(', ')}` : ' runs';
  const [wait] = waitsOf(status);
  const waits = wait ? `, ${wait.text.split('\n')[0]}` : '';
  const say = status.waiting.some(({ kind }) => kind === 'held') ? bad : warn;
  return say(
    'release',
    `${workflowId}${has} now: ${phaseText(status.phase, status.kind)}${waits}`,
    wayOn(status, workflowId),
  );
}
