import type { DesiredService } from '../model/desired';
import type { ObservedInstance, ObservedService } from '../model/observed';
import type { InstanceRef, PlacedRef } from '../model/plan';
import { askedPort } from '../spec/checks';

/** The instances of one service, sorted by their future. */
export interface Fleet {
  /** Right instances in traffic; they stay as they are. */
  keep: ObservedInstance[];
  /** Right instances that run out of traffic, and only need to be admitted. */
  adopt: ObservedInstance[];
  /** Number of instances to launch. */
  launch: number;
  /** Serving instances to be replaced; each leaves only when another takes its place. */
  leave: ObservedInstance[];
  /** Instances that do not serve (dead, half drained, left over from a crash); they leave at once. */
  clear: ObservedInstance[];
  /** Removed instances, whose servers are freed at once. */
  lost: PlacedRef[];
}

/**
 * Returns the observed instances, sorted by their future. Instances in traffic stay before others, and instances that
 * Compose counts before uncounted ones. What an unfinished release has left goes before what the head has.
 */
export function sortFleet(desired: DesiredService, observed: ObservedService): Fleet {
  const running = observed.instances.filter((one) => one.state === 'running');
  const right = running.filter((one) => !isWrong(one, desired)).sort(byUse);
  const kept = right.slice(0, desired.instances);
  const wrong = running.filter((one) => isWrong(one, desired));
  const isLeftOver = ({ revision }: ObservedInstance) => observed.head !== undefined && revision !== observed.head;
  const rest = [
    ...right.slice(desired.instances),
    ...wrong.filter(isLeftOver),
    ...wrong.filter((one) => !isLeftOver(one)),
  ];
  return {
    keep: kept.filter((one) => one.traffic === 'in'),
    adopt: kept.filter((one) => one.traffic !== 'in'),
    launch: desired.instances - kept.length,
    leave: rest.filter((one) => one.traffic === 'in'),
    clear: [
      ...observed.instances.filter((one) => one.state !== 'running'),
      ...rest.filter((one) => one.traffic !== 'in'),
    ],
    lost: observed.lost ?? [],
  };
}

/** True for another configuration than the desired one, and for a place in which no instance may stay. */
export const isWrong = ({ fingerprint, isIdle }: ObservedInstance, desired: DesiredService): boolean =>
  isIdle === true || fingerprint !== desired.fingerprint;

/** Returns a serving instance of the version before: of the head, rather than what an unfinished release has left. */
export function formerIn(desired: DesiredService, { instances, head }: ObservedService): ObservedInstance | undefined {
  const serving = instances.filter((one) => one.state === 'running' && one.traffic === 'in' && isWrong(one, desired));
  return serving.find(({ revision }) => revision === head) ?? serving[0];
}

/** True if the service has or had routes: an instance behind a proxy is drained there. */
export const isRouted = (
  desired: DesiredService,
  { instances, lost = [] }: Pick<ObservedService, 'instances' | 'lost'>,
): boolean => desired.routes.length > 0 || [...instances, ...lost].some((one) => one.slots.length > 0);

/** Returns the ports of routes that the readiness check does not ask. A program need not ask the port that it is told. */
export const unaskedPorts = ({ routes, ready }: DesiredService): number[] => {
  const asked = ready && !ready.command && askedPort(ready);
  return [...new Set(routes.map(({ port }) => port))].filter((port) => port !== asked);
};

export const isSettled = (fleet: Fleet): boolean =>
  fleet.launch + fleet.adopt.length + fleet.leave.length + fleet.clear.length + fleet.lost.length === 0 &&
  !fleet.keep.some((one) => one.weighed);

export const refOf = (one: ObservedInstance): InstanceRef => ({
  name: one.name,
  ...(one.number !== undefined && { number: one.number }),
  revision: one.revision,
  ports: one.ports,
  slots: one.slots,
  ...(one.uncounted && { uncounted: true as const }),
});

/** A drained instance has no servers any more: at the same address they may be those of the next one. */
export const withoutServers = (instance: InstanceRef): InstanceRef => ({ ...instance, slots: [] });

const rank = { in: 0, draining: 1, out: 2 } as const;
const byTraffic = (a: ObservedInstance, b: ObservedInstance): number => rank[a.traffic] - rank[b.traffic];
/** Compose goes on finding the instances that it counts, so they stay first. */
const byUse = (a: ObservedInstance, b: ObservedInstance): number =>
  byTraffic(a, b) || Number(a.uncounted ?? false) - Number(b.uncounted ?? false);
