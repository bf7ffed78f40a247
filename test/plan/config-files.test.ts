import type { PlannedService } from '../../src/model/desired';
import type { Plan } from '../../src/model/plan';
import { describe as titleOf } from '../../src/model/steps';
import { someConfig } from './arbitraries';
import { seen, service, shopPlan } from './shop';

/** The way back to revision 1, with the files of two releases. */
const planBack = (...services: PlannedService[]): Plan =>
  shopPlan({
    services: services.map((one) => ({ ...one, task: { kind: 'take-again', revision: 1 } })),
    seen: Object.fromEntries(services.map((one) => [one.service, seen(one.service)])),
    restores: [{ ...someConfig, at: '2026-02' }, someConfig],
  });

const planOf = (...services: PlannedService[]): Plan =>
  shopPlan({
    services,
    seen: Object.fromEntries(
      services.map(({ service: name, strategy }) => {
        const isJob = strategy.kind === 'job';
        return [name, isJob ? { ...seen(name), instances: [], freeSlots: [] } : seen(name)];
      }),
    ),
    config: someConfig,
  });

const configIn = (steps: Plan['steps']) => steps.filter((step) => step.kind === 'config');
const idsOf = (steps: Plan['steps'], kind: string) => steps.filter((step) => step.kind === kind).map(({ id }) => id);

test('one step writes the files once all is pulled, and before any configuration is resolved', () => {
  const { steps } = planOf(service('api'), service('web'));
  const [write, ...more] = configIn(steps);
  expect(more).toEqual([]);
  expect(titleOf(write!)).toBe('write .env (POOL, SHOP_VERSION)');
  expect(write!.needs.toSorted()).toEqual([...idsOf(steps, 'preflight'), ...idsOf(steps, 'pull')].toSorted());
  for (const step of steps.filter(({ kind }) => kind === 'configure')) expect(step.needs).toContain(write!.id);
});

test('the way back puts them back first, since former instances mount them again', () => {
  const { undo } = planOf(service('api'), service('web'));
  const [back] = configIn(undo);
  expect(back).toMatchObject({ restore: true, undoes: 'api/config', needs: idsOf(undo, 'claim') });
  expect(titleOf(back!)).toBe('put .env back');
  const others = undo.filter(({ kind }) => kind !== 'claim' && kind !== 'config');
  expect(others.filter(({ needs }) => !needs.includes(back!.id))).toEqual([]);
});

test('a job is taken back once they are back, and nothing waits in a circle', () => {
  const migrate = service('migrate', {
    instances: 0,
    routes: [],
    strategy: { kind: 'job' },
    jobs: [{ name: 'migrate', when: 'before', timeout: 60_000, pending: ['ask'], undo: ['down'] }],
  });
  const { undo } = planOf(migrate, service('api', { after: [{ service: 'migrate', condition: 'completed' }] }));
  const [back] = configIn(undo);
  expect(back!.needs).toEqual(idsOf(undo, 'claim'));
  expect(idsOf(undo, 'job').length).toBeGreaterThan(0);
  const done = new Set<string>();
  for (const _ of undo) for (const { id, needs } of undo) if (needs.every((one) => done.has(one))) done.add(id);
  expect([...done].toSorted()).toEqual(undo.map(({ id }) => id).toSorted());
});

test('a service that stays although others go back does not take the step', () => {
  const { steps } = planOf(service('api', { stateful: true }), service('web'));
  expect(configIn(steps).map(({ id }) => id)).toEqual(['web/config']);
});

test('a release that changes no service writes nothing', () => {
  const before = seen('api');
  const [head] = before.revisions;
  const as = service('api', { fingerprint: 'old' });
  const plan = shopPlan({
    services: [as],
    seen: { api: { ...before, revisions: [{ ...head!, desired: as }] } },
    config: someConfig,
  });
  expect(plan.steps).toEqual([]);
});

test('a release notes for later rollbacks what it writes, in each service', () => {
  const { steps } = planOf(service('api'), service('web'));
  const noted = steps.flatMap((step) => (step.kind === 'claim' ? [step.pending!.config] : []));
  expect(noted).toEqual([someConfig, someConfig]);
});

test('a rollback puts files back before any instance can change, the latest release first', () => {
  const { steps } = planBack(service('api'), service('web'));
  const [last, first, ...more] = configIn(steps);
  expect(more).toEqual([]);
  expect([last, first]).toMatchObject([{ at: '2026-02', restore: true }, { restore: true }]);
  expect(first!.needs).toContain(last!.id);
  for (const step of steps.filter(({ kind }) => kind === 'configure')) expect(step.needs).toContain(first!.id);
});
