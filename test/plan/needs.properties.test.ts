import fc from 'fast-check';
import type { DesiredStrategy, PlannedService } from '../../src/model/desired';
import type { ObservedService, Slot } from '../../src/model/observed';
import type { Plan } from '../../src/model/plan';
import { setNames } from '../../src/proxies/sets';
import { planOf, shop } from '../workflows/plans';
import { stepsAhead } from './ahead';
import { someNeed } from './arbitraries';

const names = ['a', 'b', 'c', 'd'];
const strategies: DesiredStrategy[] = [
  { kind: 'rolling', surge: 1, unavailable: 0 },
  { kind: 'recreate' },
  { kind: 'in-place' },
  { kind: 'canary', steps: [{ weight: 50, soak: 1_000, approve: true }] },
  { kind: 'blue-green', warm: 1_000 },
];

const removal: DesiredStrategy = { kind: 'rolling', surge: 0, unavailable: 1 };

/** A service that comes after some of those before it, and needs any of the others. */
const serviceAt = (index: number): fc.Arbitrary<Partial<PlannedService>> =>
  fc
    .record({
      before: fc.subarray(names.slice(0, index)),
      condition: fc.constantFrom('started' as const, 'healthy' as const),
      needed: fc.subarray(names.filter((_, other) => other !== index)),
      strategy: fc.constantFrom(...strategies),
      isRouted: fc.boolean(),
      jobs: fc.subarray(['before', 'after'] as const),
      isGone: fc.constantFrom(false, false, false, true),
      instances: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ before, condition, needed, strategy, isRouted, jobs, isGone, instances }) => ({
      service: names[index]!,
      instances: isGone ? 0 : instances,
      strategy: isGone ? removal : strategy,
      needs: needed.map((of) => ({ ...someNeed, of })),
      after: before.map((service) => ({ service, condition })),
      jobs: jobs.map((when) => ({ name: when, when, timeout: 1_000, command: ['migrate'] })),
      ...(isGone && { task: { kind: 'remove' as const } }),
      ...((isGone || !isRouted) && { routes: [] }),
    }));

/** Blue-green has two sets of servers, of which one is live. */
function planned(services: Array<Partial<PlannedService>>): Plan {
  const { desired, observed } = shop(...services);
  const seen = desired.map(({ service, strategy }): [string, ObservedService] => {
    const one = observed.services[service]!;
    if (strategy.kind !== 'blue-green') return [service, one];
    const [live, idle] = setNames(service);
    const inLive = (slot: Slot): Slot => ({ ...slot, backend: live });
    const instances = one.instances.map((each) => ({ ...each, slots: each.slots.map(inLive) }));
    const freeSlots = one.freeSlots.flatMap((slot) => [inLive(slot), { ...slot, backend: idle }]);
    return [service, { ...one, instances, freeSlots, sets: [{ proxy: 'edge', key: service, live, idle }] }];
  });
  return planOf({ desired, observed: { ...observed, services: Object.fromEntries(seen) } });
}

test('services that need each other in any way wait for each other in no circle', () => {
  fc.assert(
    fc.property(fc.tuple(serviceAt(0), serviceAt(1), serviceAt(2), serviceAt(3)), (services) => {
      const { steps } = planned(services);
      for (const { id } of steps) expect(stepsAhead(steps, id)).not.toContain(id);
    }),
    { numRuns: 60 },
  );
});
