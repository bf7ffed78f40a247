import type { Deps } from '../host';
import { readFence } from '../hosts/fence';
import { shortageOf } from '../plan/notices';
import { headOf } from '../revisions/head-of';

export interface Shortage {
  service: string;
  /** What runs, and what should. */
  text: string;
  /** The workflow that has the service now, or had it when it was ended from outside. */
  owner?: string;
}

/** Where fewer instances of a platform run on this host than its ledger says. Changes nothing. */
export async function shortages(
  { home, ledger, runtime }: Pick<Deps, 'home' | 'ledger' | 'runtime'>,
  platform: string,
): Promise<Shortage[]> {
  const found = (await ledger.services(platform)).map(async (service): Promise<Shortage[]> => {
    const head = await headOf({ ledger }, { platform, service });
    const text = head && shortageOf(service, head, await runtime.observe({ platform, service }));
    if (!text) return [];
    const { owner } = await readFence({ home, platform, service });
    return [{ service, text, ...(owner && { owner: owner.workflowId }) }];
  });
  return (await Promise.all(found)).flat();
}
