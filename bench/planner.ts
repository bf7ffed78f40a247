import type { DesiredStrategy } from '../src/model/desired';
import { packPlan, unpackPlan } from '../src/model/packed';
import type { Plan } from '../src/model/plan';
import { planRelease } from '../src/plan/plan-release';
import { fleetOf } from '../test/plan/fleets';
import { median } from './timeline';

export interface PlannerFigures {
  strategy: DesiredStrategy['kind'];
  services: number;
  /** Instances of each service. */
  instances: number;
  steps: number;
  /** Milliseconds; the median of three. */
  time: number;
  /** Milliseconds for packing and unpacking the plan. */
  packing: number;
  /** Bytes of the packed plan as JSON. */
  bytes: number;
}

export interface Size {
  services: number;
  instances: number;
}

const strategies: DesiredStrategy[] = [
  { kind: 'rolling', surge: 10, unavailable: 0 },
  { kind: 'blue-green', warm: 0 },
  {
    kind: 'canary',
    steps: [
      { weight: 5, soak: 60_000, approve: true },
      { weight: 25, soak: 60_000, approve: false },
      { weight: 50, soak: 60_000, approve: false },
    ],
  },
  { kind: 'recreate' },
];

/** Twelve services; one service of 100; 1,000 instances in a chain of ten services; 1,000 in one. */
const sizes: Size[] = [
  { services: 12, instances: 10 },
  { services: 1, instances: 100 },
  { services: 10, instances: 100 },
  { services: 1, instances: 1000 },
];

/** Measures every strategy at every size, on a host in memory. Pure but for the clock. */
export const measurePlanner = (): PlannerFigures[] =>
  sizes.flatMap((size) => strategies.map((strategy) => measure(strategy, size)));

function measure(strategy: DesiredStrategy, size: Size): PlannerFigures {
  const input = fleetOf({ strategy, ...size });
  const plans = Array.from({ length: 3 }, () => timed(() => planRelease(input)));
  const { plan } = plans[0]!;
  return {
    strategy: strategy.kind,
    ...size,
    steps: plan.steps.length,
    time: median(plans.map((one) => one.time)),
    packing: median(plans.map((one) => timed(() => unpackPlan(packPlan(one.plan))).time)),
    bytes: Buffer.byteLength(JSON.stringify(packPlan(plan))),
  };
}

function timed(make: () => Plan): { plan: Plan; time: number } {
  const began = performance.now();
  const plan = make();
  return { plan, time: performance.now() - began };
}
