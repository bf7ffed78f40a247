import type { PlannedService } from '../../src/model/desired';
import type { Slot } from '../../src/model/observed';
import type { Plan, PruneStep } from '../../src/model/plan';
import { planRelease } from '../../src/plan/plan-release';
import { planRetire } from '../../src/plan/plan-retire';
import { desiredService, instance, someConfig } from '../plan/arbitraries';
import { shopPlan } from '../plan/shop';
import { planOf, shop } from '../workflows/plans';

/** Plans for histories: of each strategy and of each kind of step one. */

const sets = [{ proxy: 'edge', key: 'api', live: 'api-blue', idle: 'api-green' }];
const place = (backend: string, number: number): Slot => ({ proxy: 'edge', backend, server: `s${number}`, port: 8080 });
const site = { platform: 'shop', proxies: {}, ports: { first: 20_000, last: 20_999 } };
const source = { folder: '/shop', versions: {}, files: {} };
const freePorts = Array.from({ length: 20 }, (_, index) => 20_100 + index);
const host = { host: 'h', engine: 'e', freePorts, proxies: {}, redirects: true };

/** Two sets and one switch; the former set is kept warm for a day. */
export function planBlueGreen(): Plan {
  const { desired, observed } = shop({ instances: 2, strategy: { kind: 'blue-green', warm: 86_400_000 } });
  const api = observed.services.api!;
  const instances = api.instances.map((one, index) => ({ ...one, slots: [place('api-blue', index + 1)] }));
  const seen = { ...api, instances, sets, freeSlots: [1, 2].map((number) => place('api-green', number)) };
  return planOf({ desired, observed: { ...observed, services: { api: seen } } });
}

/** Each share soaks for half a second and has a gate. */
export const planCanary = (): Plan =>
  planOf(shop({ instances: 2, strategy: { kind: 'canary', steps: [{ weight: 50, soak: 500, approve: true }] } }));

const expand = { name: 'expand', when: 'before' as const, command: ['migrate', 'up'], timeout: 60_000 };
const contract = { name: 'contract', when: 'after' as const, command: ['migrate', 'drop'], timeout: 60_000 };
const final = { point_of_no_return: true as const };

/** A job before the change that can be taken back, and one after it that cannot. */
export const planJobs = (more: Partial<PlannedService> = {}): Plan =>
  planOf(
    shop({
      jobs: [
        { ...expand, undo: ['migrate', 'down'] },
        { ...contract, ...final },
      ],
      ...more,
    }),
  );

/** A final job that is asked first if anything is pending. */
export const planPending = (): Plan =>
  planOf(shop({ jobs: [{ ...contract, ...final, pending: ['migrate', 'status'] }] }));

/** A release that writes a configuration file. */
export const planConfig = (): Plan => {
  const { desired, observed } = shop();
  return shopPlan({ services: desired, seen: observed.services, config: someConfig });
};

export const planRecreate = (): Plan => planOf(shop({ instances: 2, strategy: { kind: 'recreate' } }));

/** Ends the one instance that revision 2 has kept warm. */
export function planRetired(): Plan {
  const desired = desiredService({ strategy: { kind: 'blue-green', warm: 60_000 } });
  const warm = instance({ name: 'shop-api-r1-1', fingerprint: 'old', traffic: 'out' });
  const revisions = [2].map((number) => ({
    number,
    state: 'recorded' as const,
    task: { kind: 'run' as const },
    desired,
  }));
  const seen = { fence: { epoch: 1 }, head: 2, revisions, nextRevision: 3, instances: [warm], freeSlots: [] };
  return planRetire({
    input: {
      desired: { ...site, services: [desired], source: { ...source, folder: '' } },
      observed: { ...host, services: { api: seen } },
    },
    revision: 2,
    instances: [{ name: warm.name, revision: 1, ports: warm.ports, slots: warm.slots }],
  });
}

/** A proxy of Belay's own takes the port of a container that Compose has started. */
export function planTakeOver(): Plan {
  const composed = instance({ name: 'shop-api-1', revision: 0, ports: { 8080: 8080 }, slots: [] });
  const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {}, slots: 9 };
  const image = { ref: 'haproxy:3', digest: 'sha256:3', local: true };
  const fronts = [{ proxy: 'edge', image, routes: [{ ...route, hostPort: 8080 }] }];
  const before = desiredService({ fingerprint: 'old', instances: 1 });
  const freeSlots = [1, 2, 3].flatMap((number) => [place('api-blue', number), place('api-green', number)]);
  const seen = {
    fence: { epoch: 0 },
    head: 0,
    revisions: [{ number: 0, state: 'recorded' as const, task: { kind: 'run' as const }, desired: before }],
    nextRevision: 1,
    instances: [composed],
    freeSlots,
    sets,
  };
  const services = [desiredService({ instances: 2, fronts })];
  return planRelease({ desired: { ...site, services, source }, observed: { ...host, services: { api: seen } } });
}

/** A plan with so many steps that it travels packed. */
export const planPacked = (): Plan => planOf(shop({ instances: 14 }));

export function planPrune(): Plan {
  const services = ['api', 'web'];
  const steps = services.map((service, index): PruneStep => {
    const removal = {
      platform: 'shop',
      service,
      instances: [],
      proxies: [],
      servers: [],
      images: [{ tag: `shop/${service}:0`, bytes: 1_000 }],
      configurations: [1],
      logs: [],
      leftovers: [],
    };
    const needs = services.slice(0, index).map((one) => `shop/${one}/prune`);
    return { kind: 'prune', id: `shop/${service}/prune`, service, host: 'h', epoch: 2, needs, removal };
  });
  return {
    format: 1,
    platform: '*',
    host: 'h',
    engine: 'e',
    steps,
    undo: [],
    onFailure: {},
    services: [],
    warnings: [],
    proxies: {},
    source: { ...source, folder: '' },
    removals: steps.map(({ removal }) => removal),
  };
}
