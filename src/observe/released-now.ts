import { BelayError } from '../errors';
import type { Deps } from '../host';
import { readFence, untilGivenBack } from '../hosts/fence';
import { listed } from '../spec/sentences';

/** Services of one platform. */
interface Services {
  platform: string;
  services: string[];
}

/** A running workflow, and the requested services that it has claimed. */
interface Holder {
  workflowId: string;
  services: string[];
}

/** Throws `held-by-another` where another running workflow has claimed one of the services. */
export async function refuseReleased(deps: Deps, { platform, services }: Services): Promise<void> {
  const [holder] = await holders(deps, { platform, services });
  if (!holder) return;
  const { workflowId } = holder;
  const names = holder.services.map((service) => `${platform}/${service}`);
  const what = `${listed(names)} ${names.length > 1 ? 'are' : 'is'} held`;
  throw new BelayError('held-by-another', `${what} by ${workflowId}, which has not ended`, {
    hint: untilGivenBack(workflowId, await deps.temporal.phaseOf(workflowId)),
    workflowId,
  });
}

/** As `refuseReleased`, but returns notices for a plan that changes nothing. */
export async function releasedNow(deps: Deps, services: Services): Promise<string[]> {
  return (await holders(deps, services)).map(
    ({ workflowId, services }) =>
      `${workflowId} is running and has claimed ${services.join(', ')}, so no other release can change them; see belay status ${workflowId}`,
  );
}

/** The running workflows that have claimed a service. Where Temporal does not answer, the claim step decides. */
async function holders({ home, temporal }: Deps, { platform, services }: Services): Promise<Holder[]> {
  const found: Holder[] = [];
  for (const service of services) {
    const { owner } = await readFence({ home, platform, service });
    if (owner?.cluster !== temporal.cluster || (await temporal.isOpen(owner)) !== 'open') continue;
    const known = found.find(({ workflowId }) => workflowId === owner.workflowId);
    if (known) known.services.push(service);
    else found.push({ workflowId: owner.workflowId, services: [service] });
  }
  return found;
}
