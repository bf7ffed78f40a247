import type { Ledger, ServiceLedger } from '../hosts/ledger';
import type { Revision } from '../hosts/revision';
import type { DesiredService } from '../model/desired';
import type { Project } from '../project/project';
import { headOf } from './head-of';

interface World {
  ledger: Ledger;
}

/** What was released here, or begun to be, still runs by the ledger, and stands in the spec no more. */
export async function removedServices(
  deps: World,
  { spec: { platform, services } }: Project,
): Promise<DesiredService[]> {
  const names = (await deps.ledger.services(platform)).filter((name) => !services[name]);
  return (await runningOf(deps, platform, names)).map((one) => removedService(one, 'is in the spec no more'));
}

/** The Compose file scales these to 0: what a release has started of them is taken off, and otherwise nothing is done. */
export async function idleServices(deps: World, platform: string, names: string[]): Promise<DesiredService[]> {
  return (await runningOf(deps, platform, names)).map((one) => removedService(one, 'the Compose file scales it to 0'));
}

/** As they were last released, or begun to be, where instances of them run by the ledger. */
async function runningOf({ ledger }: World, platform: string, names: string[]): Promise<DesiredService[]> {
  const latest = await Promise.all(names.map((service) => lastDesired(ledger.of({ platform, service }))));
  return latest.filter((one) => one !== undefined && one.instances > 0) as DesiredService[];
}

async function lastDesired(ledger: ServiceLedger): Promise<DesiredService | undefined> {
  const head = await ledger.head();
  // Revision 0 is what Compose has started: given back to it, it is nobody's but Compose's.
  if (head) return (await ledger.revision(head))?.desired;
  const begun = (await ledger.revisions()).filter(({ number, state }) => number > 0 && state === 'pending').at(-1);
  // Beside what a first release has left, what Compose has started is nobody's but Compose's.
  return begun && { ...begun.desired, project: undefined };
}

/** Which of the services depend on those that are released, and are not released with them: as they run by the ledger, and only looked at. */
export async function dependentsOf(
  deps: World,
  { platform, services, released }: { platform: string; services: string[]; released: string[] },
): Promise<DesiredService[]> {
  const names = services.filter((name) => !released.includes(name));
  const heads = await headsOf(deps, platform, names);
  return heads
    .map(({ desired }) => desired)
    .filter(({ after }) => after?.some(({ service }) => released.includes(service)));
}

/** Where services are by the host's ledger, as far as they have been released. */
export async function headsOf(deps: World, platform: string, services: string[]): Promise<Revision[]> {
  const heads = await Promise.all(services.map((service) => headOf(deps, { platform, service })));
  return heads.filter((one) => one !== undefined);
}

const removedService = (desired: DesiredService, why: string): DesiredService => ({
  ...desired,
  instances: 0,
  removed: true,
  routes: [],
  strategy: { kind: 'rolling', surge: 0, unavailable: 1 },
  after: undefined,
  requires: undefined,
  needs: undefined,
  validate: [],
  warnings: [`${why}: it is ${desired.routes.length > 0 ? 'drained and ' : ''}stopped`],
});
