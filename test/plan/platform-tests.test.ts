import fc from 'fast-check';
import type { DesiredValidation, PlannedService } from '../../src/model/desired';
import type { Plan, Step } from '../../src/model/plan';
import { describe as lineFor, phaseOf } from '../../src/model/steps';
import { wholePlatform } from '../../src/model/whole-platform';
import { stepsAhead } from './ahead';
import { instance, platformTest } from './arbitraries';
import { seen, service, shopPlan } from './shop';

const everyMoment = [platformTest('smoke', ['before', 'during', 'after'])];

function plan(services: PlannedService[], tests: DesiredValidation[] = everyMoment, more = {}): Plan {
  const known = services.map((one) => [one.service, seen(one.service, more)]);
  return shopPlan({ services, seen: Object.fromEntries(known), tests });
}

const [before, during, after] = ['before', 'during', 'after'].map((moment) => `platform/test/${moment}/smoke`) as [
  string,
  string,
  string,
];
const own = ({ steps }: Plan) => steps.filter((one) => one.service === wholePlatform);
const at = ({ steps }: Plan, id: string) => steps.find((one) => one.id === id)!;

test('says in the plan what is tested, and when', () => {
  expect(own(plan([service('api')])).map((step) => [step.id, lineFor(step)])).toEqual([
    [before, 'validate: smoke, before any change'],
    [during, 'validate: smoke, every 10.0 s, as long as the release changes something'],
    [after, 'validate: smoke, with all services in traffic'],
  ]);
});

test('tests before any change of any service, and with all of them in traffic, before one is recorded', () => {
  const late = { name: 'shrink', when: 'after' as const, timeout: 60_000 };
  const first = { name: 'grow', when: 'before' as const, timeout: 60_000 };
  const services = [
    service('api', { jobs: [first, late] }),
    service('web', { after: [{ service: 'api', condition: 'healthy' }] }),
    service('old', { instances: 0, task: { kind: 'remove' }, routes: [], fingerprint: 'old' }),
  ];
  const made = plan(services);
  const isHarmless = ({ kind }: Step) => ['claim', 'preflight', 'pull'].includes(kind);
  const changes = made.steps.filter((step) => step.service !== wholePlatform && !isHarmless(step));
  for (const { id } of changes) expect([id, stepsAhead(made.steps, id).includes(before)]).toEqual([id, true]);
  const behind = stepsAhead(made.steps, after);
  const isLate = ({ id }: Step) => id.includes('shrink');
  const moving = changes.filter((step) => phaseOf(step) === 'moving' && !isLate(step) && !step.id.endsWith('/up'));
  expect(moving.filter(({ id }) => !behind.includes(id)).map(({ id }) => id)).toEqual([]);
  for (const step of made.steps.filter((one) => one.kind === 'record' || isLate(one)))
    expect(stepsAhead(made.steps, step.id)).toContain(after);
  expect(at(made, during)).toMatchObject({
    series: true,
    until: expect.arrayContaining([after, 'web/retire/shop-web-r1-1']),
  });
  expect(stepsAhead(made.steps, 'api/record').includes(during)).toBe(true);
  expect(at(made, after)).toMatchObject({ before });
});

test('a series ends with one more test, and a test before anything serves is left out', () => {
  const begun = plan([service('api')], [platformTest('smoke', ['during'])]);
  expect(own(begun).map(({ id }) => id)).toEqual([during, after]);
  const first = plan([service('api')], everyMoment, { instances: [], head: undefined, revisions: [] });
  expect(own(first).map(({ id }) => id)).toEqual([during, after]);
  const down = shopPlan({
    services: [service('api')],
    seen: { api: seen('api', { instances: [] }) },
    tests: everyMoment,
    released: true,
  });
  expect(own(down).map(({ id }) => id)).toEqual([before, during, after]);
});

test('goes on once all is recorded, for services with a way back', () => {
  const late = { ...platformTest('smoke', []), later: 1_800_000, every: 60_000 };
  const cleaning = service('clean', {
    strategy: { kind: 'job' },
    routes: [],
    jobs: [{ name: 'clean', when: 'before', timeout: 1_000 }],
  });
  const fresh = service('fresh');
  const services = [service('api'), service('web'), cleaning, fresh];
  const known = {
    ...Object.fromEntries(['api', 'web'].map((name) => [name, seen(name)])),
    clean: seen('clean', { instances: [] }),
  };
  const nothing = seen('fresh', { instances: [], head: undefined, revisions: [], nextRevision: 1 });
  const made = shopPlan({ services, seen: { ...known, fresh: nothing }, tests: [late] });
  const step = made.steps.find(({ kind }) => kind === 'later')!;
  expect(step).toMatchObject({
    id: 'platform/later',
    service: wholePlatform,
    instances: [],
    tests: [{ name: 'smoke', count: 30 }],
    whole: { from: { api: 2, web: 2, clean: 2, fresh: 1 }, to: { api: 1, web: 1 } },
  });
  expect([...step.needs].sort()).toEqual(['api/record', 'clean/record', 'fresh/record', 'web/record']);
  expect(lineFor(step)).toBe('go on measuring smoke for 30 m 00 s');
  expect(
    shopPlan({ services: [fresh], seen: { fresh: nothing }, tests: [late] }).steps.map(({ kind }) => kind),
  ).not.toContain('later');
});

test('changes nothing in a plan without such tests, in one that has nothing to do, and on the way back', () => {
  expect(plan([service('api')], []).steps).toEqual(
    shopPlan({ services: [service('api')], seen: { api: seen('api') } }).steps,
  );
  const settled = seen('api', {
    instances: [instance({ fingerprint: 'new' })],
    revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: service('api') }],
  });
  expect(shopPlan({ services: [service('api')], seen: { api: settled }, tests: everyMoment }).steps).toEqual([]);
  expect(plan([service('api')]).undo).toEqual(plan([service('api')], []).undo);
});

test('waits for no other service where nothing is tested before the end', () => {
  const { steps } = plan([service('api'), service('web')], [platformTest('smoke', ['after'])]);
  expect(at({ steps } as Plan, 'api/configure').needs).toEqual(['api/pull']);
});

test('goes by the policy on which all changed services agree, else a person decides', () => {
  const policy = (...policies: Array<PlannedService['on_failure']>) =>
    plan(policies.map((on_failure, index) => service(`s${index}`, { on_failure }))).onFailure[wholePlatform];
  expect([
    policy('rollback'),
    policy('leave', 'leave'),
    policy('rollback', 'leave'),
    policy('rollback', 'hold'),
  ]).toEqual(['rollback', 'leave', 'hold', 'hold']);
});

test('orders every graph without a circle, whatever depends on whatever', () => {
  const names = ['a', 'b', 'c', 'd'];
  const edges = fc.array(
    fc.tuple(fc.nat(3), fc.nat(3)).filter(([from, to]) => from > to),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(edges, fc.nat(3), (all, removed) => {
      // Nothing depends on a service that the spec no longer names.
      const pairs = all.filter(([, to]) => to !== removed);
      const services = names.map((name, index) =>
        service(name, {
          after: pairs.flatMap(([from, to]) =>
            from === index ? [{ service: names[to]!, condition: 'healthy' as const }] : [],
          ),
          ...(index === removed && { instances: 0, routes: [], fingerprint: 'old', task: { kind: 'remove' as const } }),
        }),
      );
      const { steps } = plan(services);
      for (const { id } of steps) expect(stepsAhead(steps, id).includes(id)).toBe(false);
    }),
    { numRuns: 40 },
  );
});
