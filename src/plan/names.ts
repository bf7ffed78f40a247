import { BelayError } from '../errors';
import type { TakeAgain } from '../model/desired';
import { instanceName } from '../model/instance-name';
import type { InstanceRef } from '../model/plan';
import { takenAgain } from '../model/task';
import { sortFleet } from './fleet';
import type { ServiceInput } from './plan-release';
import { createPorts, type Ports } from './ports';

/** An instance to launch, and the steps that free its ports. */
interface Named {
  instance: Omit<InstanceRef, 'revision' | 'slots'>;
  needs: string[];
}

/**
 * Returns a function that names the next instance and its ports. Compose counts as many of them as it expects beside
 * the staying ones. Containers that Compose started return under their own names, except running ones. Throws
 * `preflight-failed` if another container has the name.
 */
export function createNames(input: ServiceInput, ports: Ports = createPorts(input)) {
  const { platform, desired, observed, revision } = input;
  const running = observed.instances.filter((one) => one.state === 'running').map((one) => one.name);
  const again = takenAgain(desired);
  const comeBack = (again?.instances ?? []).filter((one) => !running.includes(one.name));
  let count = 0;
  let seats = freeSeats(input);
  return (): Named => {
    const kept = comeBack[count];
    if (!kept && again?.instances) throw cannotReturn(desired.service, again, running);
    count += 1;
    if (kept) return { instance: { name: kept.name, ports: kept.ports }, needs: [] };
    const taken = ports.take();
    seats -= 1;
    const uncounted = seats < 0 && { uncounted: true as const };
    const name = instanceName({ platform, service: desired.service, revision, instance: count });
    return { instance: { name, number: count, ports: taken.ports, ...uncounted }, needs: taken.needs };
  };
}

/** Returns how many more instances Compose can count before it would remove some. */
function freeSeats({ desired, observed }: ServiceInput): number {
  const { keep, adopt } = sortFleet(desired, observed);
  return (desired.compose?.scale ?? Infinity) - [...keep, ...adopt].filter(({ uncounted }) => !uncounted).length;
}

/** A Compose container can only return as it was. */
function cannotReturn(service: string, { revision, instances }: TakeAgain, running: string[]): BelayError {
  const other = instances?.find(({ name }) => running.includes(name));
  const why = other
    ? `Compose runs ${other.name} with another configuration now`
    : 'not all of its containers are known any more';
  return new BelayError('preflight-failed', `${service}: cannot go back to revision ${revision}: ${why}`, {
    hint: other
      ? `docker compose rm --stop --force ${service}, then roll back again; or go back to another revision: --list`
      : `go back to another revision: --list`,
  });
}
