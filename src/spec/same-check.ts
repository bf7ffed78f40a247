import { readyKeys } from './checks';
import type { ServiceSpec } from './spec';

/** Returns a warning if liveness asks what readiness asks, whatever their times. Pure. */
export function sameCheck({ health: { ready, live } }: Pick<ServiceSpec, 'health'>): string | false {
  if (!ready || !live) return false;
  const told = (check: object) =>
    JSON.stringify(
      Object.keys(readyKeys).map((key) => ({ status: 200, where: 'container', ...check })[key as keyof typeof check]),
    );
  const isSame = told(ready) === told(live);
  return (
    isSame &&
    'health.live asks what health.ready asks (readiness equals liveness): an instance that waits for another service counts as dead, and the release rolls back. Let health.live ask the process alone'
  );
}
