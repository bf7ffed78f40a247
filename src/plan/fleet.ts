import type { DesiredService } from '../model/desired';
import type { ObservedInstance, ObservedService } from '../model/observed';
import type { InstanceRef } from '../model/plan';
import { askedPort } from '../spec/checks';

/** What is to become of the instances of one service. */
export interface Fleet {
  /** Right and in traffic: left alone. */
  keep: ObservedInstance[];
  /** Right and running, but out of traffic: only to be admitted. */
  adopt: ObservedInstance[];
  /** How many are to be launched. */
  launch: number;
  /** Serving, and to leave: each one only when its place is taken. */
  leave: ObservedInstance[];
  /** Not serving (dead, half drained, left over from a crash): to go at once. */
  clear: ObservedInstance[];
}

/** Sorts the observed instances by what the service should become. Those in traffic are kept before those that are not, and those that Compose counts before others. */
export function sortFleet(desired: DesiredService, observed: ObservedService): Fleet {
  const running = observed.instances.filter((one) => one.state === 'running');
  const right = running.filter((one) => !isWrong(one, desired)).sort(byUse);
  const kept = right.slice(0, desired.instances);
  const rest = [...right.slice(desired.instances), ...running.filter((one) => isWrong(one, desired))];
  return {
    keep: kept.filter((one) => one.traffic === 'in'),
    adopt: kept.filter((one) => one.traffic !== 'in'),
    launch: desired.instances - kept.length,
    leave: rest.filter((one) => one.traffic === 'in'),
    clear: [
      ...observed.instances.filter((one) => one.state !== 'running'),
      ...rest.filter((one) => one.traffic !== 'in'),
    ],
  };
}

/** Another configuration than the desired one, or a place where no instance may stay. */
export const isWrong = ({ fingerprint, stray }: ObservedInstance, desired: DesiredService): boolean =>
  stray !== undefined || fingerprint !== desired.fingerprint;

/** A service has routes, or had them: what stands behind a proxy now is drained there. */
export const isRouted = (desired: DesiredService, observed: Pick<ObservedService, 'instances'>): boolean =>
  desired.routes.length > 0 || observed.instances.some((one) => one.slots.length > 0);

/** Ports that routes lead to and the readiness check does not ask. */
export const unaskedPorts = ({ routes, ready }: DesiredService): number[] => {
  const asked = ready && askedPort(ready);
  return [...new Set(routes.map(({ port }) => port))].filter((port) => port !== asked);
};

export const isSettled = (fleet: Fleet): boolean =>
  fleet.launch + fleet.adopt.length + fleet.leave.length + fleet.clear.length === 0 &&
  !fleet.keep.some((one) => one.weighed);

export const refOf = (one: ObservedInstance): InstanceRef => ({
  name: one.name,
  ...(one.number !== undefined && { number: one.number }),
  revision: one.revision,
  ports: one.ports,
  slots: one.slots,
  ...(one.uncounted && { uncounted: true as const }),
});

const rank = { in: 0, draining: 1, out: 2 } as const;
const byTraffic = (a: ObservedInstance, b: ObservedInstance): number => rank[a.traffic] - rank[b.traffic];
/** Where some have to go, Compose goes on finding those that it counts. */
const byUse = (a: ObservedInstance, b: ObservedInstance): number =>
  byTraffic(a, b) || Number(a.uncounted ?? false) - Number(b.uncounted ?? false);
