import type { DesiredStrategy } from '../../src/model/desired';
import { type PackedPlan, packPlan, unpackPlan } from '../../src/model/packed';
import type { Plan } from '../../src/model/plan';
import { planRelease } from '../../src/plan/plan-release';
import { fleetOf } from './fleets';

const strategies: DesiredStrategy[] = [
  { kind: 'rolling', surge: 10, unavailable: 0 },
  { kind: 'blue-green', warm: 0 },
  { kind: 'canary', steps: [{ weight: 30, soak: 1000, approve: true }] },
  { kind: 'recreate' },
];
const limit = 512 * 1024;
const travelled = (plan: Plan) => JSON.stringify(packPlan(plan));
const asJson = (plan: Plan) => JSON.parse(JSON.stringify(plan)) as Plan;

test('a plan that people can read travels as it is', () => {
  const plan = planRelease(fleetOf({ strategy: strategies[0]!, services: 1, instances: 3 }));
  expect(packPlan(plan)).toBe(plan);
  expect(unpackPlan(plan)).toBe(plan);
});

test.each(strategies)('a long plan arrives as it was made: $kind', (strategy) => {
  const plan = planRelease(fleetOf({ strategy, services: 4, instances: 12 }));
  expect(travelled(plan).length).toBeLessThan(JSON.stringify(plan).length / 2);
  expect(unpackPlan(JSON.parse(travelled(plan)) as PackedPlan)).toEqual(asJson(plan));
});

test('needs of what is not in the plan arrive too', () => {
  const plan = planRelease(fleetOf({ strategy: strategies[0]!, services: 1, instances: 20 }));
  const steps = plan.steps.map((step) => ({ ...step, needs: ['elsewhere', ...step.needs].reverse() }));
  expect(unpackPlan(packPlan({ ...plan, steps })).steps).toEqual(steps);
});

test.each(strategies)('the plan of a hundred instances fits into a payload: $kind', (strategy) => {
  expect(travelled(planRelease(fleetOf({ strategy, services: 1, instances: 100 }))).length).toBeLessThan(limit);
});

test('the plan of a thousand instances fits into what Temporal carries', () => {
  const plan = planRelease(fleetOf({ strategy: strategies[0]!, services: 10, instances: 100 }));
  expect(travelled(plan).length).toBeLessThan(2 * 1024 * 1024);
});

test.each(strategies)('the plan of a platform of twelve services of ten fits into a payload: $kind', (strategy) => {
  expect(travelled(planRelease(fleetOf({ strategy, services: 12, instances: 10 }))).length).toBeLessThan(limit);
});
