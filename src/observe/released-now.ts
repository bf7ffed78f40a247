import { BelayError } from '../errors';
import type { Deps } from '../host';
import { readFence, untilGivenBack } from '../hosts/fence';

/** Services of one platform. */
interface Services {
  platform: string;
  services: string[];
}

/** A workflow that runs, and the services of it that are asked about. */
interface Holder {
  workflowId: string;
  services: string[];
}

/** Throws `held-by-another` where another workflow that runs has one of the services. */
export async function refuseReleased(deps: Deps, { platform, services }: Services): Promise<void> {
  const [holder] = await holders(deps, { platform, services });
  if (!holder) return;
  const { workflowId } = holder;
  const what = holder.services.map((service) => `${platform}/${service}`).join(', ');
  throw new BelayError('held-by-another', `${what} is held by ${workflowId}, which has not ended`, {
    hint: untilGivenBack(workflowId),
    workflowId,
  });
}

/** The same as what is to be known first of a plan that changes nothing. */
export async function releasedNow(deps: Deps, services: Services): Promise<string[]> {
  return (await holders(deps, services)).map(
    ({ workflowId, services }) =>
      `${workflowId} runs and has ${services.join(', ')}, so nothing else can change what it has; belay status ${workflowId} says what it waits for`,
  );
}

/** Whoever cannot be asked is refused, or taken over, when the service is claimed. */
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
