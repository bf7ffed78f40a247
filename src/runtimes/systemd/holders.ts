import { readText } from '../../hosts/file';
import { unitRecord } from '../../hosts/unit-records';
import type { SourceFacts } from '../runtime';
import { dropInPath, instanceIn, ownerIn } from './drop-in';
import type { UnitState } from './unit-state';
import type { SystemdHost } from './units';

/** A unit that a drop-in of Belay gives to an instance, of whichever BELAY_HOME. */
export interface Holder {
  unit: string;
  platform: string;
  service: string;
  instance: string;
  /** True if this BELAY_HOME has a record of the instance. */
  isKnown: boolean;
  isActive: boolean;
  home: string;
}

export async function holdersOf(host: Pick<SystemdHost, 'home'>, states: UnitState[]): Promise<Holder[]> {
  const all = await Promise.all(states.map((state) => holderOf(host, state)));
  return all.filter((one) => one !== undefined);
}

async function holderOf(host: Pick<SystemdHost, 'home'>, { id, active }: UnitState): Promise<Holder | undefined> {
  const text = await readText(dropInPath(id));
  const [owner, instance] = [ownerIn(text), instanceIn(text)];
  if (!owner || instance === undefined) return undefined;
  const isKnown = (await unitRecord(host, instance)) !== undefined;
  return { unit: id, ...owner, instance, isKnown, isActive: active === 'active', home: host.home };
}

interface Own {
  platform: string;
  service: string;
  /** Names of the platform's services. */
  services: string[];
}

/** Refuses units that another service has, and running ones that another BELAY_HOME has. Pure. */
export function heldByOthers(holders: Holder[], own: Own): SourceFacts['problems'] {
  return holders.flatMap(({ unit, platform, service, instance, isKnown, isActive, home }) => {
    const drop = `belay drop -p ${platform} --service ${service}`;
    const told = `${dropInPath(unit)} gives ${unit} to ${instance} of ${platform}/${service}`;
    if (!isKnown && (isActive || platform !== own.platform))
      return [
        {
          why: `${told}, which ${home} does not know`,
          hint: `set BELAY_HOME to the folder of its releases; to take it off the host: ${drop} there`,
        },
      ];
    // A service that was renamed in the spec leaves its unit to the new one.
    const isOwn = platform === own.platform && (service === own.service || !own.services.includes(service));
    if (isOwn && (service === own.service || !isActive)) return [];
    return [{ why: told, hint: `give each service a unit of its own, or take that one off the host: ${drop}` }];
  });
}
