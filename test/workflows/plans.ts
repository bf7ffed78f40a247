import type { DesiredValidation, PlannedService } from '../../src/model/desired';
import type { Observed, ObservedService, Slot } from '../../src/model/observed';
import type { Plan } from '../../src/model/plan';
import { planDrop } from '../../src/plan/plan-drop';
import { desiredService, instance, platformTest, slot, someImage } from '../plan/arbitraries';
import { shopPlan } from '../plan/shop';

export interface Shop {
  desired: PlannedService[];
  observed: Observed;
}

/** A platform of services that run revision 1 and are to run revision 2; `api` with one instance by default. */
export function shop(...overrides: Array<Partial<PlannedService>>): Shop {
  const desired = (overrides.length > 0 ? overrides : [{}]).map(serviceOf);
  const freePorts = Array.from({ length: 100 }, (_, index) => 21_000 + index);
  const seen = desired.map((one, index) => [one.service, running(one, index)] as const);
  return { desired, observed: { host: 'h', engine: 'e', freePorts, proxies: {}, services: Object.fromEntries(seen) } };
}

export const planOf = ({ desired, observed: { services, freePorts } }: Shop, tests?: DesiredValidation[]): Plan =>
  shopPlan({ services: desired, seen: services, freePorts, tests });

/** The plan for `shop(...)` on a platform that is tested as a whole at every moment. */
export const planTested = (...overrides: Array<Partial<PlannedService>>): Plan =>
  planOf(shop(...overrides), [platformTest('smoke', ['before', 'during', 'after'])]);

/** The same plan, with a step on another host. */
export const onHost = (given: Plan, id: string, host: string): Plan => ({
  ...given,
  steps: given.steps.map((step) => (step.id === id ? { ...step, host } : step)),
});

/** The plan for `shop(...)`. */
export const plan = (...overrides: Array<Partial<PlannedService>>): Plan => planOf(shop(...overrides));

/** A plan of so many instances, shared among the services, ten of each at a time. */
export function planLarge(instances: number, services = ['api', 'web']): Plan {
  const strategy = { kind: 'rolling' as const, surge: 10, unavailable: 0 };
  const each = instances / services.length;
  const { desired, observed } = shop(...services.map((service) => ({ service, instances: each, strategy })));
  const freePorts = Array.from({ length: instances + 100 }, (_, index) => 21_000 + index);
  const free = (backend: string) => Array.from({ length: 10 }, (_, index) => ({ ...slot(each + index + 1), backend }));
  const seen = Object.entries(observed.services).map(([name, one]) => [name, { ...one, freeSlots: free(name) }]);
  return shopPlan({ services: desired, seen: Object.fromEntries(seen), freePorts });
}

/** A plan for a host that is already as desired. */
export function settled(): Plan {
  const { desired, observed } = shop();
  const api = observed.services.api!;
  const instances = api.instances.map((one) => ({ ...one, fingerprint: 'new' }));
  const revisions = [{ number: 1, state: 'recorded' as const, task: { kind: 'run' as const }, desired: desired[0]! }];
  return planOf({ desired, observed: { ...observed, services: { api: { ...api, instances, revisions } } } });
}

/** The way to revision 1, whose image and configuration the host has kept. */
export const planBack = (...overrides: Array<Partial<PlannedService>>): Plan =>
  plan(
    ...(overrides.length > 0 ? overrides : [{}]).map((one) => ({
      ...one,
      task: { kind: 'take-again' as const, revision: 1 },
    })),
  );

/** The way to a revision behind a proxy of Belay's own. */
export function planFronted(): Plan {
  const image = { ref: 'haproxy:3', digest: 'sha256:3', local: true };
  return plan({ fronts: [{ proxy: 'own', image, routes: [] }] });
}

/** The way to a revision that no proxy of Belay's own serves any more. */
export function planUnfronted(): Plan {
  const { desired, observed } = shop();
  const api = observed.services.api!;
  const [head] = api.revisions;
  const before = { ...head!.desired, fronts: [{ proxy: 'own', image: someImage, routes: [] }] };
  const revisions = [{ ...head!, desired: before }];
  return planOf({ desired, observed: { ...observed, services: { api: { ...api, revisions } } } });
}

/** A plan that takes `api` with its one instance off its host. */
export function planAway(): Plan {
  const { desired, observed } = shop();
  return planDrop({ platform: 'shop', services: desired, observed, removals: [], takeOver: false, warnings: [] });
}

/** A test. */
export const smoke = (when: 'before' | 'during' | 'after') => ({
  name: 'smoke',
  when: [when],
  http: '/',
  port: 8080,
  status: 200,
  timeout: 5000,
});

function serviceOf(overrides: Partial<PlannedService>): PlannedService {
  const service = overrides.service ?? 'api';
  const image = { ref: `shop/${service}:2`, digest: 'sha256:2', local: false };
  const routes = [{ proxy: 'edge', backend: service, port: 8080 }];
  return desiredService({ service, artifact: image, routes, instances: 1, ...overrides });
}

function running(desired: PlannedService, index: number): ObservedService {
  const { service, instances, environment } = desired;
  const place = (number: number): Slot => ({ ...slot(number), backend: service });
  const artifact = { ref: `shop/${service}:1`, digest: 'sha256:1', local: false };
  const before = { ...desired, artifact, fingerprint: 'old', environment: { ...environment } };
  return {
    fence: { epoch: 4 },
    head: 1,
    revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: before }],
    instances: Array.from({ length: instances }, (_, at) =>
      instance({
        name: `shop-${service}-r1-${at + 1}`,
        ports: { 8080: 20_000 + 100 * index + at },
        slots: desired.routes.length > 0 ? [place(at + 1)] : [],
      }),
    ),
    nextRevision: 2,
    heaviest: 256,
    freeSlots: [place(101), place(102), place(103)],
  };
}
