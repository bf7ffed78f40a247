import fc from 'fast-check';
import type { DesiredStrategy, PlannedService } from '../../src/model/desired';
import { plan } from '../workflows/plans';
import { stepsAhead } from './ahead';
import { someNeed } from './arbitraries';

const names = ['a', 'b', 'c', 'd'];
const strategies: DesiredStrategy[] = [
  { kind: 'rolling', surge: 1, unavailable: 0 },
  { kind: 'recreate' },
  { kind: 'in-place' },
];

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
      strategy,
      needs: needed.map((of) => ({ ...someNeed, of })),
      after: before.map((service) => ({ service, condition })),
      jobs: jobs.map((when) => ({ name: when, when, timeout: 1_000, command: ['migrate'] })),
      ...(isGone && { task: { kind: 'remove' as const } }),
      ...((isGone || !isRouted) && { routes: [] }),
    }));

test('services that need each other in any way wait for each other in no circle', () => {
  fc.assert(
    fc.property(fc.tuple(serviceAt(0), serviceAt(1), serviceAt(2), serviceAt(3)), (services) => {
      const { steps } = plan(...services);
      for (const { id } of steps) expect(stepsAhead(steps, id)).not.toContain(id);
    }),
    { numRuns: 60 },
  );
});
