import type { DesiredStrategy, PlannedService } from '../../src/model/desired';
import type { ObservedService, Slot } from '../../src/model/observed';
import type { PlanInput } from '../../src/plan/plan-release';

export interface Fleet {
  strategy: DesiredStrategy;
  services: number;
  /** Instances of each service. */
  instances: number;
}

/** Returns a plan's input for a chain of services at revision 1, with names of usual length. */
export function fleetOf({ strategy, services, instances }: Fleet): PlanInput {
  const names = Array.from({ length: services }, (_, index) => `service-${index}`);
  const proxies = { edge: { kind: 'haproxy' as const, socket: '/run/haproxy.sock', config: '/etc/haproxy.cfg' } };
  const desired = names.map((name, index) => ({
    ...service(name, { strategy, instances }),
    after: index > 0 ? [{ service: names[index - 1]!, condition: 'healthy' as const }] : [],
  }));
  return {
    desired: {
      platform: 'shop',
      proxies,
      ports: { first: 20_000, last: 29_999 },
      starts: 5,
      services: desired,
      source: { folder: '/srv/shop', versions: {}, files: {} },
    },
    observed: {
      host: 'web-1',
      engine: 'e',
      proxies,
      freePorts: Array.from({ length: 2 * services * instances }, (_, index) => 30_000 + index),
      services: Object.fromEntries(names.map((name) => [name, observedService(name, { strategy, instances })])),
    },
  };
}

type Own = Pick<Fleet, 'strategy' | 'instances'>;

const service = (name: string, { strategy, instances }: Own): PlannedService => ({
  service: name,
  task: { kind: 'run' },
  artifact: { ref: `registry.example.com/shop/${name}:2.5.0`, digest: `sha256:${'2'.repeat(64)}`, local: false },
  instances,
  fingerprint: 'f'.repeat(64),
  environment: { DATABASE_URL: 'a'.repeat(64) },
  ports: [8080],
  routes: [{ proxy: 'edge', backend: name, port: 8080 }],
  strategy,
  ready: {
    http: '/ready',
    port: 8080,
    status: 200,
    every: 1000,
    timeout: 2000,
    healthy: 2,
    within: 60_000,
    grace: 0,
  },
  drain: { deadline: 30_000, at_deadline: 'proceed' },
  stop: { signal: 'SIGTERM', grace: 30_000 },
  keep: 3,
  on_failure: 'rollback',
  validate: [{ name: 'home', when: ['before', 'during', 'after'], http: '/', port: 8080, status: 200, timeout: 1_000 }],
  warnings: [],
});

/** All of revision 1 run and serve; the proxy has twice as many servers. */
function observedService(name: string, fleet: Own): ObservedService {
  const { strategy, instances } = fleet;
  const paired = strategy.kind === 'blue-green';
  const old = { ...service(name, fleet), fingerprint: '0'.repeat(64) };
  const slot = (backend: string, index: number): Slot => ({ proxy: 'edge', backend, server: `s${index}`, port: 8080 });
  const [live, idle] = paired ? [`${name}-blue`, `${name}-green`] : [name, name];
  return {
    fence: { epoch: 1 },
    head: 1,
    nextRevision: 2,
    revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: old }],
    instances: Array.from({ length: instances }, (_, index) => ({
      name: `shop-${name}-r1-${index + 1}`,
      revision: 1,
      fingerprint: old.fingerprint,
      state: 'running' as const,
      ports: { 8080: 20_000 + index },
      published: [20_000 + index],
      slots: [slot(live, index)],
      traffic: 'in' as const,
    })),
    freeSlots: Array.from({ length: instances }, (_, index) => slot(idle, instances + index)),
    heaviest: 256,
    sets: paired ? [{ proxy: 'edge', key: name, live, idle }] : undefined,
  };
}
