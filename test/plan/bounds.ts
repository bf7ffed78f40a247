import type { DesiredService } from '../../src/model/desired';
import type { ObservedService } from '../../src/model/observed';
import { isRouted } from '../../src/plan/fleet';
import { mostCanaries } from '../../src/spec/strategies';
import type { Bounds } from './world';

type Observed = Pick<ObservedService, 'instances' | 'sets'>;

/** Returns the promises of each strategy. */
export function boundsOf(given: { desired: DesiredService; observed: Observed }): Bounds {
  return { routed: isRouted(given.desired, given.observed), ...promised(given) };
}

function promised({ desired, observed }: { desired: DesiredService; observed: Observed }): Omit<Bounds, 'routed'> {
  const running = observed.instances.filter((one) => one.state === 'running');
  const serving = running.filter((one) => one.traffic === 'in');
  const live = running.filter((one) => one.traffic !== 'out' || one.fingerprint === desired.fingerprint).length;
  // If routes lead to different sides, only the instances on each of them are certain.
  const served = (observed.sets ?? []).map(
    ({ live }) => running.filter((one) => one.slots.some(({ backend }) => backend === live)).length,
  );
  const floor = Math.min(desired.instances, serving.length, ...(served.length > 1 ? served : []));
  const { strategy } = desired;
  switch (strategy.kind) {
    case 'rolling':
      return {
        floor: Math.max(0, floor - strategy.unavailable),
        ceiling: Math.max(desired.instances + strategy.surge, live),
      };
    case 'canary':
      return {
        floor,
        ceiling: Math.max(
          desired.instances + (strategy.baseline ? 2 : 1) * mostCanaries(strategy.steps, desired.instances),
          live,
        ),
      };
    case 'recreate':
      return {
        floor: serving.filter((one) => one.fingerprint === desired.fingerprint).slice(0, desired.instances).length,
        ceiling: Math.max(desired.instances, running.length),
        // A crash may have left two versions already.
        exclusive: new Set(running.map((one) => one.fingerprint)).size <= 1,
      };
    case 'in-place':
      return { floor: Math.max(0, floor - 1), ceiling: Math.max(desired.instances, running.length), inPlace: true };
    case 'job':
      return { floor: 0, ceiling: 0 };
    case 'blue-green':
      return {
        floor,
        ceiling: running.length + desired.instances + 1,
        unmixed: new Set(serving.map((one) => one.fingerprint)).size <= 1,
      };
  }
}
