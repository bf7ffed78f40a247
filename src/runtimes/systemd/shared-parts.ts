import { isSameUnit } from '../../spec/runtimes/systemd';
import type { Claims, SharedParts, SharedWith } from '../runtime';
import type { KnownService } from './known';

/** The units of services, and the paths of the links to their files. */
interface Own {
  units: string[];
  installs: string[];
}

export const sharedOf = (services: KnownService[]): SharedParts & Own => ({
  units: services.map(({ unit }) => unit),
  installs: services.flatMap(({ service }) => service.artifact?.install ?? []),
});

/** A unit or a link that both have. A revision's project is its unit, and its resources name its link. Pure. */
export function inBoth(own: Claims, others: Claims): SharedWith | undefined {
  const { units, installs } = own.shared as Own;
  const theirs = (others.shared as Partial<Own>).installs ?? [];
  const unit = units.find((one) => others.projects.some((other) => isSameUnit(one, other)));
  if (unit !== undefined)
    return { what: `the unit ${unit}`, hint: 'give each service a unit of its own, in unit or template' };
  const install = installs.find((one) => theirs.includes(one));
  return install === undefined
    ? undefined
    : { what: `the path ${install} in artifact.install`, hint: 'give each service a path of its own' };
}
