import type { Ledger, ServiceLedger } from '../hosts/ledger';
import type { Revision } from '../hosts/revision';
import type { DesiredService, PlannedService } from '../model/desired';
import type { Project } from '../project/project';
import { headOf } from './head-of';

interface World {
  ledger: Ledger;
}

/** Services that run by the ledger but are no longer in the spec. */
export async function removedServices(
  deps: World,
  { spec: { platform, services } }: Project,
): Promise<PlannedService[]> {
  const names = (await deps.ledger.services(platform)).filter((name) => !services[name]);
  return (await runningOf(deps, platform, names)).map((one) => removedService(one, 'is no longer in the spec'));
}

/** Services that the Compose file scales to 0. A release removes their instances, and changes nothing else of them. */
export async function idleServices(deps: World, platform: string, names: string[]): Promise<PlannedService[]> {
  return (await runningOf(deps, platform, names)).map((one) => removedService(one, 'the Compose file scales it to 0'));
}

/** The services as last released or begun, if instances of them run by the ledger. */
async function runningOf({ ledger }: World, platform: string, names: string[]): Promise<DesiredService[]> {
  const latest = await Promise.all(names.map((service) => lastDesired(ledger.of({ platform, service }))));
  return latest.filter((one) => one !== undefined && one.instances > 0) as DesiredService[];
}

async function lastDesired(ledger: ServiceLedger): Promise<DesiredService | undefined> {
  const head = await ledger.head();
  // Containers of revision 0 belong to Compose again after a rollback.
  if (head) return (await ledger.revision(head))?.desired;
  const begun = (await ledger.revisions()).filter(({ number, state }) => number > 0 && state === 'pending').at(-1);
  // Adopted containers beside a failed first release belong to Compose.
  return begun && { ...begun.desired, project: undefined };
}

/** Services that depend on the released ones without being released: as they run by the ledger, only to be probed. */
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

/** The head revisions of the services that have been released. */
export async function headsOf(deps: World, platform: string, services: string[]): Promise<Revision[]> {
  const heads = await Promise.all(services.map((service) => headOf(deps, { platform, service })));
  return heads.filter((one) => one !== undefined);
}

const removedService = (desired: DesiredService, why: string): PlannedService => ({
  ...desired,
  instances: 0,
  task: { kind: 'remove' },
  routes: [],
  strategy: { kind: 'rolling', surge: 0, unavailable: 1 },
  after: undefined,
  requires: undefined,
  needs: undefined,
  validate: [],
  warnings: [`${why}: it is ${desired.routes.length > 0 ? 'drained and ' : ''}stopped`],
});
