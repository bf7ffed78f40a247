import type { Artifact } from '../../src/model/artifact';
import type { DesiredCheck, PlannedService } from '../../src/model/desired';
import type { DrillScenario, Plan, Step } from '../../src/model/plan';
import { planDrill } from '../../src/plan/plan-drill';
import { planRelease } from '../../src/plan/plan-release';
import { scenarioOf } from '../../src/resolve/drill';
import { shop } from '../workflows/plans';

const drill: DrillScenario = { ports: [8080], stop: { grace: 1_000 }, settle: 1, wait: 1 };

function planWith(...services: Array<Partial<PlannedService>>): Plan {
  const { desired, observed } = shop(...services);
  const site = { proxies: {}, ports: { first: 20_000, last: 20_999 } };
  const source = { folder: '/shop', versions: {}, files: {} };
  return planRelease({ desired: { platform: 'shop', ...site, source, services: desired }, observed });
}
const needsOf = (steps: Step[], id: string): string[] => steps.find((step) => step.id === id)!.needs;
const drillsIn = (steps: Step[]): string[] => steps.flatMap(({ id, kind }) => (kind === 'drill' ? [id] : []));

test('a drill comes after the configuration, and before anything of the service changes', () => {
  const { steps } = planWith({ service: 'api', drill });
  expect(needsOf(steps, 'api/drill')).toEqual(['api/configure']);
  const early = steps.filter(({ needs, kind }) => needs.includes('api/configure') && kind !== 'drill');
  expect(early.length).toBeGreaterThan(0);
  for (const { needs } of early) expect(needs).toContain('api/drill');
  expect(steps.find(({ id }) => id === 'api/drill')).toMatchObject({ revision: expect.any(Number), scenario: drill });
});

test('its instance needs what the service needs, so that other services of the release come first', () => {
  const { steps } = planWith(
    { service: 'api', drill, after: [{ service: 'db', condition: 'healthy' }] },
    { service: 'db' },
  );
  const probes = steps.filter(({ kind, service }) => kind === 'probe' && service === 'db').map(({ id }) => id);
  expect(probes.length).toBeGreaterThan(0);
  expect(needsOf(steps, 'api/drill')).toEqual(expect.arrayContaining(probes));
});

test('the way back removes what it has left, before the service is given back', () => {
  const { undo } = planWith({ service: 'api', drill });
  expect(undo.find(({ id }) => id === 'api/undo/drill')).toMatchObject({ remove: true, undoes: 'api/drill', epoch: 6 });
  expect(needsOf(undo, 'api/undo/record')).toContain('api/undo/drill');
});

test('each step of a drill, there and back, asks the runtime of its service', () => {
  const image: Artifact = { kind: 'file', source: 'api', sha256: '0'.repeat(64) };
  const services = [{ service: 'api', runtime: 'systemd' as const, image, scenario: drill, epoch: 4 }];
  const source = { folder: '/shop', versions: {}, files: {} };
  const plan = { platform: 'shop', host: 'h', engine: 'e', services, source, takeOver: false, warnings: [] };
  const { steps, undo } = planDrill(plan);
  expect([...steps, ...undo].map(({ id, runtime }) => [id, runtime])).toEqual(
    ['api', 'api/undo'].flatMap((path) => ['claim', 'drill', 'record'].map((kind) => [`${path}/${kind}`, 'systemd'])),
  );
});

test('a drill that would find no port is refused by the plan, before any service changes', () => {
  const strategy = { kind: 'recreate' as const };
  const { observed } = shop({ service: 'api' });
  const taken = observed.services.api!.instances.flatMap(({ ports }) => Object.values(ports));
  const hostPorts = [...taken, 9_999];
  expect(taken.length).toBeGreaterThan(0);
  expect(drillsIn(planWith({ service: 'api', drill, strategy, hostPorts }).steps)).toEqual(['api/drill']);
  expect(() => planWith({ service: 'api', drill, strategy, hostPorts: taken })).toThrow(
    `api: drill: before finds no free port: its instances are at ${taken.join(', ')}`,
  );
  expect(drillsIn(planWith({ service: 'api', strategy, hostPorts: taken }).steps)).toEqual([]);
});

test.each<[string, Partial<PlannedService>]>([
  ['a service without drill: before', { service: 'api' }],
  ['a version that is taken again', { service: 'api', drill, task: { kind: 'take-again', revision: 1 } }],
])('%s has none', (_title, service) => {
  const { steps, undo } = planWith(service);
  expect([...drillsIn(steps), ...drillsIn(undo)]).toEqual([]);
});

describe('the scenario', () => {
  const ready = { http: '/ready', port: 8080 } as DesiredCheck;
  const route = { proxy: 'edge', port: 8080 } as Parameters<typeof scenarioOf>[1]['routes'][number];
  const asked = (
    more: { ready?: DesiredCheck },
    spec: Partial<Parameters<typeof scenarioOf>[1]> = {},
    given: Parameters<typeof scenarioOf>[2] = {},
  ) => scenarioOf({ ports: [], stop: { grace: 90_000 }, ...more }, { routes: [], ...spec }, given).asked;

  test('sends requests to the first route, by the path of the readiness check', () => {
    expect(asked({ ready }, { routes: [route] })).toEqual({ port: 8080, path: '/ready' });
    expect(asked({ ready }, { routes: [{ ...route, port: 80 }] })).toEqual({ port: 80, path: '/' });
    expect(asked({ ready })).toEqual({ port: 8080, path: '/ready' });
    expect(asked({ ready }, { drill: { path: '/a' } }, { path: '/b' })).toMatchObject({ slowPath: '/b' });
  });

  test('goes over TLS where the readiness check does', () => {
    const secure = { https: '/ready', port: 8443, server_name: 'shop.example.com' } as DesiredCheck;
    const tls = { serverName: 'shop.example.com' };
    expect(asked({ ready: secure })).toEqual({ port: 8443, path: '/ready', tls });
    expect(asked({ ready: secure }, { routes: [{ ...route, port: 8443 }] })).toMatchObject({ path: '/ready', tls });
    expect(asked({ ready: secure }, { routes: [route] })).toEqual({ port: 8080, path: '/' });
  });

  test('only connects where nothing speaks HTTP, and to nothing without a port', () => {
    expect(asked({ ready: { tcp: 6379 } as DesiredCheck })).toEqual({ port: 6379 });
    expect(asked({}, { routes: [{ ...route, protocol: 'tcp' }] })).toEqual({ port: 8080 });
    expect(asked({ ready: { ...ready, proxied: true } })).toEqual({ port: 8080 });
    expect(asked({})).toBeUndefined();
  });

  test('waits for the grace, and for 30 s at most', () => {
    const waitFor = (grace: number, wait?: number) =>
      scenarioOf({ ports: [], stop: { grace } }, { routes: [] }, { wait }).wait;
    expect([waitFor(5_000), waitFor(90_000), waitFor(90_000, 60_000)]).toEqual([5_000, 30_000, 60_000]);
  });
});
