import type { DesiredNeed, PlannedService } from '../../src/model/desired';
import type { ObservedService } from '../../src/model/observed';
import type { Plan } from '../../src/model/plan';
import { inOrder } from '../../src/plan/order';
import { stepsAhead } from './ahead';
import { instance, someImage } from './arbitraries';
import { seen, service, shopPlan } from './shop';

const plan = (
  services: PlannedService[],
  others: PlannedService[] = [],
  observed: Record<string, ObservedService> = {},
): Plan => {
  const names = [...services, ...others].map((one) => one.service);
  return shopPlan({
    services,
    others,
    seen: Object.fromEntries(names.map((name) => [name, observed[name] ?? seen(name)])),
  });
};

const needsOf = (steps: Plan['steps'], id: string): string[] => steps.find((step) => step.id === id)?.needs ?? [];
const after = (name: string, condition: 'started' | 'healthy') => ({ after: [{ service: name, condition }] });

test('lets a service begin when what it depends on is ready, or has started, as asked', () => {
  const healthy = plan([service('web', after('api', 'healthy')), service('api')]).steps;
  expect(needsOf(healthy, 'web/launch/shop-web-r2-1')).toEqual(
    expect.arrayContaining(['api/probe/shop-api-r2-1', 'api/swap/shop-api-r2-1']),
  );
  const started = plan([service('web', after('api', 'started')), service('api')]).steps;
  expect(needsOf(started, 'web/launch/shop-web-r2-1')).toEqual(['web/configure', 'api/launch/shop-api-r2-1']);
});

test('takes a service back after those that depend on it', () => {
  const { undo } = plan([service('web', after('api', 'healthy')), service('api')]);
  expect(needsOf(undo, 'api/undo/launch/shop-api-r1-1')).toEqual(
    expect.arrayContaining(['web/undo/swap/shop-web-r2-1', 'web/undo/retire/shop-web-r2-1']),
  );
  expect(needsOf(undo, 'web/undo/launch/shop-web-r1-1').filter((id) => id.startsWith('api/'))).toEqual([]);
});

test('takes away what is no longer in the spec only after everything else has succeeded', () => {
  const gone = service('api', { instances: 0, task: { kind: 'remove' }, routes: [], fingerprint: 'old' });
  const { steps } = plan([gone, service('web')]);
  expect(needsOf(steps, 'api/swap/shop-api-r1-1')).toEqual(
    expect.arrayContaining(['web/swap/shop-web-r2-1', 'web/retire/shop-web-r1-1']),
  );
});

test('takes the proxy of what is gone from the spec off only once every service is on record', () => {
  const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {}, slots: 4 };
  const fronts = [{ proxy: 'edge', image: someImage, routes: [route] }];
  const before = {
    ...seen('api'),
    revisions: [
      {
        number: 1,
        state: 'recorded' as const,
        task: { kind: 'run' as const },
        desired: service('api', { fingerprint: 'old', fronts }),
      },
    ],
  };
  const gone = service('api', { instances: 0, task: { kind: 'remove' }, routes: [], fingerprint: 'old', fronts });
  const { steps } = plan([gone, service('web')], [], { api: before });
  expect(needsOf(steps, 'api/proxy/edge')).toEqual(['api/record', 'web/record']);
});

test('probes what depends on a service and is not released with it, by its own check', () => {
  const ready = { http: '/ready', port: 8080, status: 200, every: 1, timeout: 1, healthy: 1, within: 1, grace: 0 };
  const { steps } = plan([service('api')], [service('web', { ...after('api', 'healthy'), ready })]);
  const probe = steps.find((step) => step.id === 'api/probe/web/shop-web-r1-1');
  // Its own revision has no check; the new one of the spec is not released yet.
  expect(probe).toMatchObject({ service: 'api', of: 'web', instance: { name: 'shop-web-r1-1' } });
  expect(probe).not.toHaveProperty('check.http');
  expect(needsOf(steps, 'api/record')).toContain('api/probe/web/shop-web-r1-1');
});

test('probes a dependent only once everything has been done to what it depends on, though nothing comes in', () => {
  const db = service('api', { instances: 1, routes: [], fingerprint: 'old' });
  const two = { ...seen('api'), instances: [1, 2].map((n) => instance({ name: `shop-api-r1-${n}`, slots: [] })) };
  const { steps } = plan([db], [service('web', after('api', 'healthy'))], { api: two });
  expect(needsOf(steps, 'api/probe/web/shop-web-r1-1')).toEqual(['api/retire/shop-api-r1-2']);
});

test('names the services of a circle', () => {
  const circle = [
    service('a', after('b', 'healthy')),
    service('b', after('c', 'healthy')),
    service('c', after('a', 'healthy')),
  ];
  expect(() => inOrder(circle)).toThrow('services depend on each other in a circle: a → b → c → a');
});

test('lets what depends on a service begin without waiting for the look at others that do', () => {
  const others = [service('web', after('api', 'healthy'))];
  const { steps } = plan([service('api'), service('worker', after('api', 'healthy'))], others);
  expect(steps.map(({ id }) => id)).toContain('api/probe/web/shop-web-r1-1');
  const needs = needsOf(steps, 'worker/launch/shop-worker-r2-1');
  expect(needs).toContain('api/swap/shop-api-r2-1');
  expect(needs).not.toContain('api/probe/web/shop-web-r1-1');
});

describe('a need that is a service of the same release', () => {
  const need = (of?: string): DesiredNeed => ({
    kind: 'tcp',
    text: 'db:1',
    required: true,
    within: 1,
    ...(of && { of }),
  });
  const look = 'api/validate/needs';
  const replaced = ['db/launch/shop-db-r2-1', 'db/swap/shop-db-r2-1', 'db/retire/shop-db-r1-1'];
  const recreated = service('db', { strategy: { kind: 'recreate' } });
  const own = (steps: Plan['steps'], id: string) => needsOf(steps, id).filter((one) => one.startsWith('db/'));

  test('is watched once all of its own instances are replaced, and others from the first swap on', () => {
    const { steps } = plan([service('api', { needs: [need('db'), need()] }), recreated]);
    expect(own(steps, 'api/validate/needed/db')).toEqual(expect.arrayContaining(replaced));
    expect(own(steps, 'api/validate/needed')).toEqual([]);
    expect(needsOf(steps, 'api/validate/needed')).toEqual(['api/swap/shop-api-r2-1']);
  });

  test('is not asked for before the swap, if nothing says that it comes first', () => {
    const { steps } = plan([service('api', { needs: [need('db')] }), recreated]);
    expect(steps.map(({ id }) => id)).not.toContain(look);
    const mixed = plan([service('api', { needs: [need('db'), need()] }), recreated]).steps;
    expect(mixed.find(({ id }) => id === look)).toMatchObject({ external: [need()] });
  });

  test('is asked for before the swap once it is replaced, if it comes first', () => {
    const { steps } = plan([service('api', { needs: [need('db')], ...after('db', 'started') }), recreated]);
    expect(own(steps, look)).toContain('db/swap/shop-db-r2-1');
    expect(needsOf(steps, 'api/swap/shop-api-r2-1')).toContain(look);
  });

  test('is a need like any other in a release that leaves it alone', () => {
    const there = { ...seen('db'), instances: [instance({ name: 'shop-db-r1-1', fingerprint: 'new' })] };
    const { steps } = plan([service('api', { needs: [need('db')] })], [recreated], { db: there });
    expect(steps.map(({ id }) => id)).toContain(look);
    expect(needsOf(steps, 'api/validate/needed')).toEqual(['api/swap/shop-api-r2-1']);
  });

  test('orders nothing in a circle: two services that need each other', () => {
    const { steps } = plan([service('api', { needs: [need('db')] }), service('db', { needs: [need('api')] })]);
    for (const { id } of steps) expect(stepsAhead(steps, id)).not.toContain(id);
  });
});

test('asks no need on a way back', () => {
  const needs: DesiredNeed[] = [{ kind: 'tcp', text: 'db:1', required: true, within: 1 }];
  const { steps, undo } = plan([service('api', { needs, task: { kind: 'take-again', revision: 1 } })]);
  expect([...steps, ...undo].filter((step) => 'external' in step && step.external)).toEqual([]);
  const there = plan([service('api', { needs })]);
  expect(there.undo.filter((step) => 'external' in step && step.external)).toEqual([]);
});
