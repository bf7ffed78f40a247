import type { Deps } from '../host';
import { readFence } from '../hosts/fence';
import type { Revision } from '../hosts/revision';
import { isRemoval } from '../model/task';
import { requiredBy } from '../plan/needs';
import { shortageOf } from '../plan/notices';
import { headsOf } from '../revisions/other-services';
import { settled, told, unmet } from './required';

export interface Shortage {
  service: string;
  /** The number of running and of recorded instances, in words; for a service of Compose, its fault. */
  text: string;
  /** The workflow that has claimed the service, or had when somebody terminated it. */
  owner?: string;
  /** The command for a service that no release runs. */
  repair?: string;
}

type World = Pick<Deps, 'home' | 'ledger' | 'runtimeOf'>;

/**
 * Returns what released services depend on and Compose keeps, if that does not run. Then follow services with fewer
 * running instances on this host than the ledger records. Changes nothing.
 */
export async function shortages(world: World, platform: string): Promise<Shortage[]> {
  const heads = await headsOf(world, platform, await world.ledger.services(platform));
  const short = Promise.all(heads.map((head) => shortagesOf(world, platform, head)));
  return [...(await requiredNow(world, platform, heads)), ...(await short).flat()];
}

async function shortagesOf({ home, runtimeOf }: World, platform: string, head: Revision): Promise<Shortage[]> {
  const { service, runtime } = head.desired;
  const text = shortageOf(service, head, await runtimeOf(runtime).observe({ platform, service }));
  if (!text) return [];
  const { owner } = await readFence({ home, platform, service });
  return [{ service, text, ...(owner && { owner: owner.workflowId }) }];
}

/** Compose itself starts what revision 0 depends on. */
async function requiredNow(world: World, platform: string, heads: Revision[]): Promise<Shortage[]> {
  const released = heads.filter((head) => head.number > 0 && head.desired.instances > 0 && !isRemoval(head));
  const found = released.map(({ desired }) => unmet(world, { ...desired, platform, requires: requiredBy(desired) }));
  return told(settled((await Promise.all(found)).flat()));
}
