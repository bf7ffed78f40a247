import type { Deps } from '../host';
import { readFence } from '../hosts/fence';
import { shortageOf } from '../plan/notices';
import { headOf } from '../revisions/head-of';

export interface Shortage {
  service: string;
  /** The number of running and of recorded instances, in words. */
  text: string;
  /** The workflow that has claimed the service, or had when somebody terminated it. */
  owner?: string;
}

/** Services with fewer running instances on this host than the ledger records. Changes nothing. */
export async function shortages(
  { home, ledger, runtimeOf }: Pick<Deps, 'home' | 'ledger' | 'runtimeOf'>,
  platform: string,
): Promise<Shortage[]> {
  const found = (await ledger.services(platform)).map(async (service): Promise<Shortage[]> => {
    const head = await headOf({ ledger }, { platform, service });
    const text =
      head && shortageOf(service, head, await runtimeOf(head.desired.runtime).observe({ platform, service }));
    if (!text) return [];
    const { owner } = await readFence({ home, platform, service });
    return [{ service, text, ...(owner && { owner: owner.workflowId }) }];
  });
  return (await Promise.all(found)).flat();
}
