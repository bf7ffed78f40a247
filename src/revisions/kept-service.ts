import type { Deps } from '../host';
import type { Revision } from '../hosts/revision';
import type { PlannedService } from '../model/desired';
import { asAsked } from '../model/own-ports';
import { keptService } from '../plan/plan-rollback';

/** The service as its revision recorded it, for a rollback. Adopted containers keep their own names and ports. */
export function keptOf({ runtimeOf }: Pick<Deps, 'runtimeOf'>, revision: Revision): PlannedService {
  const { number, snapshots } = revision;
  if (number !== 0 || !snapshots) return keptService(revision);
  const instances = Object.entries(snapshots).map(([name, template]) => {
    const { ports, published } = runtimeOf(revision.desired.runtime).read(template);
    return { name, ports: asAsked(ports, revision.desired), published };
  });
  return keptService(revision, instances);
}
