import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { askAhead } from '../../src/hosts/ask-ahead';
import type { FenceToken } from '../../src/hosts/effects';
import { hasEnded, readFence, releaseFence, takeFence, tryNumber } from '../../src/hosts/fence';
import type { ServiceKey } from '../../src/hosts/home';
import type { ReleaseInput } from '../../src/model/requests';

/**
 * Takes the fence of services whose release was terminated. It has not released them, and a step of it may still run.
 * The host refuses that step from here on, so that the next observation stays true.
 */
export async function fenceOffEnded(
  deps: Deps,
  { platform, services }: { platform: string; services: string[] },
): Promise<void> {
  for (const service of services) await fenceOff(deps, { platform, service });
}

async function fenceOff(deps: Deps, key: ServiceKey): Promise<void> {
  const { home, effects, temporal } = deps;
  const { owner, epoch } = await readFence({ home, ...key });
  if (!owner || !(await hasEnded(owner, temporal))) return;
  const { attempt, workflowExecution } = activityInfo();
  const own = { owner: workflowExecution!, step: 'plan', attempt: tryNumber({ round: 1, attempt }) };
  const token: FenceToken = { ...key, epoch: epoch + 1, ...own };
  const act = async (isOpen: Deps['temporal']['isOpen']) => {
    // Another release may have taken the fence during the wait for the lock.
    if ((await readFence({ home, ...key })).epoch !== epoch) return;
    await takeFence({ home, token, ...temporal, isOpen, takeOver: false });
    await releaseFence({ home, token });
  };
  await askAhead(temporal.isOpen, (isOpen) =>
    effects.effect('claim.fence', token, () => act(isOpen), { signal: cancellationSignal() }),
  );
}

/**
 * A release that is to wait for another one, or to replace it, has to know before it begins. Throws `held-by-another`
 * while an open or unknown release has one of the services.
 */
export async function refuseUntilFree(
  deps: Deps,
  { when_running, dry_run }: Pick<ReleaseInput, 'when_running' | 'dry_run'>,
  { platform, services }: { platform: string; services: string[] },
): Promise<void> {
  if (when_running === 'refuse' || dry_run) return;
  for (const service of services) await refuseOwned(deps, { platform, service });
}

/** Throws `held-by-another` while an open or unknown release has the service. */
export async function refuseOwned({ home, temporal }: Deps, key: ServiceKey): Promise<void> {
  const { owner } = await readFence({ home, ...key });
  if (!owner || (await hasEnded(owner, temporal))) return;
  throw new BelayError('held-by-another', `${key.platform}/${key.service} is held by ${owner.workflowId}`, {
    hint: `follow it: belay status ${owner.workflowId}`,
    workflowId: owner.workflowId,
  });
}
