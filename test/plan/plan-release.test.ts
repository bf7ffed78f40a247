import { fewest } from '../../src/analysis/judgement';
import type { DesiredService, DesiredStrategy, Front, FrontRoute, PlannedService } from '../../src/model/desired';
import type { ObservedInstance, ObservedService } from '../../src/model/observed';
import type { Plan, StepOf, Timings } from '../../src/model/plan';
import { describe as lineFor, longest } from '../../src/model/steps';
import { reasonsOf } from '../../src/plan/changes';
import type { Lending } from '../../src/plan/lending';
import { createMoves } from '../../src/plan/moves';
import { desiredService, instance, slot, someImage, stickyFront } from './arbitraries';
import { shopPlan } from './shop';

const running = (count: number, fingerprint = 'old') =>
  Array.from({ length: count }, (_, index) =>
    instance({
      name: `shop-api-r1-${index + 1}`,
      fingerprint,
      ports: { 8080: 20000 + index },
      slots: [slot(index + 1)],
    }),
  );

const seenService = (overrides: Partial<ObservedService> = {}): ObservedService => ({
  fence: { epoch: 6 },
  head: 1,
  revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: desiredService({ fingerprint: 'old' }) }],
  instances: running(3),
  nextRevision: 2,
  freeSlots: [slot(4), slot(5), slot(6)],
  heaviest: 256,
  ...overrides,
});

const plan = (
  service: Partial<PlannedService> = {},
  seen: Partial<ObservedService> = {},
  freePorts = [20010, 20011, 20012, 20013, 20014],
): Plan => shopPlan({ services: [desiredService(service)], seen: { api: seenService(seen) }, freePorts });

const lines = (steps: Plan['steps']) =>
  steps.map((step) => `${step.id} <- ${step.needs.map((id) => id.replace('api/', '')).join(' ')}`);

test('asks for what the service needs before anything is changed, and on the way back for nothing', () => {
  const needs: DesiredService['needs'] = [
    { kind: 'postgres', text: `\${DATABASE_URL}`, required: true, within: 10_000 },
    { kind: 'postgres', text: `\${OTHER_URL}`, required: true, within: 10_000 },
    { kind: 'tcp', text: 'temporal:7233', required: false, within: 1_000 },
  ];
  const requires: DesiredService['requires'] = [{ service: 'cache', condition: 'healthy', restart: true }];
  const preflight = plan({ needs, requires, project: 'shop' }).steps.find((step) => step.kind === 'preflight')!;
  expect(preflight.external).toEqual(needs);
  expect(preflight.requires).toEqual([{ service: 'cache', condition: 'healthy', project: 'shop' }]);
  expect(lineFor(preflight)).toBe('check host, ports, proxy and needs (postgres, tcp)');
  const back = plan({ needs, requires, task: { kind: 'take-again', revision: 1 } }).steps.find(
    (step) => step.kind === 'preflight',
  )!;
  expect(back).toMatchObject({ external: undefined, requires: undefined });
  expect(lineFor(back)).toBe('check host, ports and proxy');
});

test('replaces three instances one at a time, and drains and retires beside the next launch', () => {
  expect(lines(plan().steps)).toEqual([
    'api/claim <- ',
    'api/preflight <- claim',
    'api/pull <- preflight',
    'api/configure <- pull',
    'api/launch/shop-api-r2-1 <- configure',
    'api/probe/shop-api-r2-1 <- launch/shop-api-r2-1',
    'api/swap/shop-api-r2-1 <- probe/shop-api-r2-1',
    'api/drain/shop-api-r1-1 <- swap/shop-api-r2-1',
    'api/retire/shop-api-r1-1 <- drain/shop-api-r1-1',
    'api/launch/shop-api-r2-2 <- swap/shop-api-r2-1',
    'api/probe/shop-api-r2-2 <- launch/shop-api-r2-2',
    'api/swap/shop-api-r2-2 <- probe/shop-api-r2-2',
    'api/drain/shop-api-r1-2 <- swap/shop-api-r2-2',
    'api/retire/shop-api-r1-2 <- drain/shop-api-r1-2',
    'api/launch/shop-api-r2-3 <- swap/shop-api-r2-2',
    'api/probe/shop-api-r2-3 <- launch/shop-api-r2-3',
    'api/swap/shop-api-r2-3 <- probe/shop-api-r2-3',
    'api/drain/shop-api-r1-3 <- swap/shop-api-r2-3',
    'api/retire/shop-api-r1-3 <- drain/shop-api-r1-3',
    expect.stringMatching(/^api\/validate\/up <- swap\/shop-api-r2-1$/),
    expect.stringMatching(/^api\/record <- .*retire\/shop-api-r1-3.*validate\/up/),
    'api/cleanup <- record',
  ]);
});

test('says in words how a revision ended', () => {
  const back = plan().undo.find((step) => step.kind === 'record')!;
  const states = ['recorded', 'abandoned', 'pending', undefined] as const;
  expect(states.map((state) => lineFor({ ...back, state }))).toEqual([
    'record revision 2',
    'mark revision 2 abandoned',
    'leave revision 2 pending',
    'release the fence of api',
  ]);
});

test('where clients stay with an instance, its drain goes before the next launch', () => {
  const { steps } = plan({ fronts: [stickyFront] });
  const launches = steps.filter(({ kind }) => kind === 'launch').map(({ needs }) => needs);
  expect(launches).toEqual([['api/proxy/edge'], ['api/drain/shop-api-r1-1'], ['api/drain/shop-api-r1-2']]);
});

describe('whoever comes by name is sent to others before an instance stops', () => {
  const named = (service: Partial<PlannedService>, one: Partial<ObservedInstance> = {}) => {
    const instances = [{ ...running(1)[0]!, ...one }];
    const { steps } = plan({ instances: 1, ...service }, { instances });
    return steps.flatMap((step) => (step.kind === 'retire' ? step.named : []));
  };
  const composed = { name: 'shop-api-1', revision: 0 };
  const fronts = [{ ...stickyFront, routes: [] }];

  test.each<[string, Partial<PlannedService>, Partial<ObservedInstance>, true | undefined]>([
    ['Compose’s, beside a proxy of Belay’s own', { fronts }, composed, true],
    ['one that only that proxy leads to', { fronts }, {}, undefined],
    ['Compose’s, behind a proxy that has no names', {}, composed, undefined],
    ['one of several without a route', { routes: [], instances: 2 }, { slots: [] }, undefined],
  ])('%s', (_, service, one, expected) => {
    expect(named(service, one)).toEqual([expected]);
  });
});

test('goes back the other way round: the last one in is the first one out', () => {
  const undo = plan().undo.map((step) => step.id.replace('api/undo/', ''));
  const needs = Object.fromEntries(
    plan().undo.map((step) => [step.id.replace('api/undo/', ''), step.needs.map((id) => id.replace('api/undo/', ''))]),
  );
  expect(undo).toHaveLength(3 * 5 + 3);
  expect(needs['launch/shop-api-r1-1']).toEqual(['claim', 'drain/shop-api-r2-2']);
  expect(needs['swap/shop-api-r2-1']).toEqual(expect.arrayContaining(['probe/shop-api-r1-1', 'drain/shop-api-r2-2']));
  expect(needs['retire/shop-api-r2-1']).toEqual(['claim', 'drain/shop-api-r2-1']);
});

test('takes its steps under the next epoch, and the way back under the one after', () => {
  const { steps, undo } = plan();
  expect(new Set(steps.map((step) => step.epoch))).toEqual(new Set([7]));
  expect(new Set(undo.map((step) => step.epoch))).toEqual(new Set([8]));
});

test('gives every new instance a port and a server of its own', () => {
  const launches = plan().steps.flatMap((step) => (step.kind === 'launch' ? [step.instance] : []));
  expect(launches.map((one) => one.ports)).toEqual([{ 8080: 20010 }, { 8080: 20011 }, { 8080: 20012 }]);
  expect(launches.map((one) => one.slots[0]?.server)).toEqual(['s4', 's5', 's6']);
});

test('launches all at once with as much surge', () => {
  const { steps } = plan({ strategy: { kind: 'rolling', surge: 3, unavailable: 0 } });
  const launches = steps.filter((step) => step.kind === 'launch');
  expect(launches.map((step) => step.needs)).toEqual([['api/configure'], ['api/configure'], ['api/configure']]);
});

test('scales up by launching only what is missing', () => {
  const same = { fingerprint: 'old', instances: 5 };
  const { steps, services } = plan(same);
  expect(steps.filter((step) => step.kind === 'launch')).toHaveLength(2);
  expect(steps.filter((step) => step.kind === 'retire')).toHaveLength(0);
  expect(services[0]).toMatchObject({ from: { instances: 3 }, to: { instances: 5 }, unchanged: false });
});

describe('servers lead to a new instance from its launch on', () => {
  const staged = ({ steps }: Plan) =>
    steps.flatMap((step) => (step.kind === 'launch' ? [`${step.id} ${step.stage ?? false}`] : []));
  const admitted = ({ steps }: Plan) =>
    steps.flatMap((step) => (step.kind === 'swap' && step.enter ? [`${step.id} ${step.staged ?? false}`] : []));
  const expected = (kind: string, is: boolean[]) =>
    is.map((one, index) => `api/${kind}/shop-api-r2-${index + 1} ${one}`);

  test.each([
    ['that are free', {}, {}, [true, true, true]],
    ['that a drain frees for which it waits', {}, { freeSlots: [slot(4)] }, [true, true, true]],
    [
      'that are free once all old ones are gone',
      { strategy: { kind: 'recreate' } },
      { freeSlots: [] },
      [true, true, true],
    ],
    [
      'unless what is left of another is still to be taken out of them',
      {},
      {
        freeSlots: [],
        instances: [...running(3), instance({ name: 'left', state: 'exited', slots: [slot(4)], traffic: 'draining' })],
      },
      [false, true, true],
    ],
    ['unless it has no routes', { routes: [] }, { instances: [] }, [false, false, false]],
  ] as Array<[string, Partial<PlannedService>, Partial<ObservedService>, boolean[]]>)(
    'where those are servers %s',
    (_which, service, seen, is) => {
      const made = plan(service, seen);
      expect(staged(made)).toEqual(expected('launch', is));
      expect(admitted(made)).toEqual(service.routes ? [] : expected('swap', is));
    },
  );

  test('and not to one whose port leads to the proxy meanwhile, or was chosen for Compose', () => {
    const lent = { proxies: [], whole: [], lent: [], ports: [20000], holders: [] };
    const context = { desired: desiredService(), observed: seenService(), host: 'h', epoch: 1 };
    const stageOf = (lending?: Lending, revision = 2) =>
      createMoves({ ...context, lending }, 'forward').launch(
        { name: 'x', revision, ports: { 8080: 20000 }, slots: [slot(1)] },
        { fingerprint: 'f', needs: [], isFree: true },
      ).stage;
    expect(stageOf({ ...lent, way: 'give', redirected: true })).toBeUndefined();
    expect(stageOf({ ...lent, way: 'give', redirected: false })).toBe(true);
    expect(stageOf(undefined, 0)).toBeUndefined();
  });
});

test('scales down by draining only what is too many', () => {
  const { steps } = plan({ fingerprint: 'old', instances: 1 });
  expect(steps.filter((step) => step.kind === 'launch')).toHaveLength(0);
  expect(steps.flatMap((step) => (step.kind === 'retire' ? [step.instance.name] : []))).toEqual([
    'shop-api-r1-2',
    'shop-api-r1-3',
  ]);
});

test('has no steps for a service that is as desired', () => {
  const result = plan({ fingerprint: 'old' });
  expect(result.steps).toEqual([]);
  expect(result.undo).toEqual([]);
  expect(result.services[0]?.unchanged).toBe(true);
});

test('records what a terminated release has left finished but unrecorded', () => {
  const { steps } = plan({ fingerprint: 'new' }, { instances: running(3, 'new') });
  expect(steps.map((step) => step.kind)).toEqual(['claim', 'preflight', 'pull', 'configure', 'record', 'cleanup']);
});

test('waits for an approval after the first new instance', () => {
  const { steps } = plan({ strategy: { kind: 'rolling', surge: 1, unavailable: 0, pause_after: 1 } });
  const gate = steps.find((step) => step.kind === 'approve')!;
  expect(gate.needs).toContain('api/drain/shop-api-r1-1');
  expect(steps.find((step) => step.id === 'api/launch/shop-api-r2-2')?.needs).toContain(gate.id);
});

test('smoke-tests the first new instance before it takes traffic, and all of them after', () => {
  const smoke = {
    name: 'ping',
    when: ['before' as const, 'after' as const],
    http: '/ping',
    port: 8080,
    status: 200,
    timeout: 1000,
  };
  const { steps } = plan({ validate: [smoke] });
  expect(steps.find((step) => step.id === 'api/swap/shop-api-r2-1')?.needs).toContain('api/validate/before/ping');
  const after = steps.find((step) => step.id === 'api/validate/after/ping');
  expect(after?.kind === 'validate' && after.instances.map((one) => one.name)).toEqual([
    'shop-api-r2-1',
    'shop-api-r2-2',
    'shop-api-r2-3',
  ]);
});

const home = (when: Array<'before' | 'during' | 'after'>, more = {}) => ({
  name: 'home',
  when,
  http: '/',
  port: 8080,
  status: 200,
  timeout: 1000,
  ...more,
});

test('tests the version before first, so that nothing of it is blamed on the new one', () => {
  const validate = [home(['before'])];
  const { steps } = plan({ validate });
  expect(steps.find(({ id }) => id === 'api/validate/former/home')).toMatchObject({
    title: 'home, on the version before',
    instances: [{ name: 'shop-api-r1-1' }],
    former: true,
    needs: ['api/preflight'],
  });
  expect(steps.find(({ id }) => id === 'api/launch/shop-api-r2-1')?.needs).toContain('api/validate/former/home');
  expect(steps.find(({ id }) => id === 'api/validate/before/home')).toMatchObject({
    before: 'api/validate/former/home',
  });
  const first = plan({ validate }, { instances: [], revisions: [] }).steps;
  expect(first.some(({ id }) => id === 'api/validate/former/home')).toBe(false);
  expect(first.find(({ id }) => id === 'api/validate/before/home')).not.toHaveProperty('before');
});

test('measures from the first new instance in traffic on, and records nothing before the verdict', () => {
  const { steps } = plan({ validate: [home(['during'], { every: 5_000, count: 12 })] });
  const series = steps.find(({ id }) => id === 'api/validate/during/home')!;
  expect(series).toMatchObject({
    series: true,
    title: 'home, 12 times, every 5.0 s',
    needs: ['api/swap/shop-api-r2-1'],
  });
  expect(series.kind === 'validate' && series.instances).toHaveLength(3);
  expect(steps.find(({ kind }) => kind === 'record')?.needs).toContain(series.id);
});

test('sees each new instance live before it records, and watches it until then', () => {
  const live = { http: '/live', port: 8080, status: 200, every: 2_000, timeout: 2_000, failures: 3 };
  const { steps } = plan({ live });
  const proof = steps.find(({ id }) => id === 'api/validate/live')!;
  expect(proof).toMatchObject({ live, title: 'new instances are live' });
  expect(proof.kind === 'validate' && proof.instances).toHaveLength(3);
  expect(steps.find(({ id }) => id === 'api/validate/up')).toMatchObject({ until: expect.arrayContaining([proof.id]) });
  expect(steps.find(({ kind }) => kind === 'record')?.needs).toContain(proof.id);
  expect(plan({}).steps.some(({ id }) => id === 'api/validate/live')).toBe(false);
});

test('goes on measuring once the release is closed, if there is a revision to go back to', () => {
  const validate = [home([], { later: 1_800_000, every: 60_000 })];
  const later = plan({ validate }).steps.find(({ kind }) => kind === 'later')!;
  expect(later).toMatchObject({
    revision: 2,
    previous: 1,
    needs: ['api/record'],
    tests: [{ name: 'home', count: 30 }],
  });
  expect(lineFor(later)).toBe('go on measuring home for 30 m 00 s');
  expect(plan({ validate }, { head: undefined }).steps.some(({ kind }) => kind === 'later')).toBe(false);
});

test('measures at each step of a canary, as long as its soak, before the next step', () => {
  const canary = [
    { weight: 20, soak: 60_000, approve: false },
    { weight: 50, soak: 0, approve: true },
  ];
  const { steps } = plan({ strategy: { kind: 'canary', steps: canary }, validate: [home(['during'])] });
  const series = steps.filter((step) => step.kind === 'validate' && step.series);
  expect(series.map((step) => step.kind === 'validate' && [step.id, step.title])).toEqual([
    ['api/validate/during/home/step-1', 'home, 6 times, every 10.0 s'],
    ['api/validate/during/home/step-2', 'home, 6 times, every 10.0 s'],
  ]);
  const next = steps.find(({ id }) => id === 'api/weigh/step-2')!;
  expect(next.needs).toEqual(expect.arrayContaining([series[0]!.id, 'api/soak/step-1']));
  expect(steps.find(({ kind }) => kind === 'approve')?.needs).toContain(series[1]!.id);
});

test('leads chosen clients to the canaries from the first step on, until no old instance is left', () => {
  const steps = [0, 50].map((weight) => ({ weight, soak: 0, approve: true }));
  const match = { header: { name: 'X-Beta', value: 'yes' }, addresses: ['10.0.0.0/8'] };
  const made = plan({ strategy: { kind: 'canary', match, steps }, instances: 2 }, { instances: running(2) }).steps;
  const weighs = made.flatMap((step) => (step.kind === 'weigh' ? [step] : []));
  const clients = 'clients with header X-Beta: yes or address 10.0.0.0/8';
  expect(weighs.map(lineFor)).toEqual([
    `send ${clients} to the new version`,
    `send ${clients} and 50.0 % of the other traffic to the new version`,
    `give every instance the same share again, and keep ${clients} where they are`,
    'give every instance the same share again',
  ]);
  const chosen = (step: StepOf<'weigh'>) => step.weights.flatMap((one) => (one.chosen ? [one.instance.name] : []));
  expect(weighs.map(chosen)).toEqual([[], ['shop-api-r2-1'], ['shop-api-r2-1'], []]);
  expect(weighs[0]!.weights.map(({ weight }) => weight)).toEqual([undefined, undefined]);
  expect(made.find(({ id }) => id === 'api/swap/shop-api-r2-1')).toMatchObject({ weight: 0, chosen: true });
  const questions = made.flatMap((step) => (step.kind === 'approve' ? [step.question] : []));
  expect(questions).toEqual([
    `api: the new revision takes ${clients} (1 of 3 instances): go on?`,
    `api: the new revision takes ${clients} and 50.0 % of the other traffic (1 of 3 instances): go on?`,
  ]);
  const retired = made.filter(({ kind }) => kind === 'retire').map(({ id }) => id);
  expect(weighs.at(-1)!.needs).toEqual(expect.arrayContaining(retired));
});

test('what an unfinished release has left is taken out first, so that nobody meets it beside a new canary', () => {
  const strategy = {
    kind: 'canary' as const,
    match: { cookie: { name: 'beta' } },
    steps: [{ weight: 0, soak: 0, approve: true }],
  };
  const left = {
    ...running(3)[2]!,
    name: 'shop-api-r2-1',
    revision: 2,
    fingerprint: 'abandoned',
    weighed: { weight: 5 },
  };
  const { steps } = plan({ strategy, instances: 2 }, { instances: [...running(2), left], nextRevision: 3 });
  const swaps = steps.flatMap((step) => (step.kind === 'swap' && step.leave ? [step.leave.name] : []));
  expect(swaps).toEqual(['shop-api-r2-1', 'shop-api-r1-1', 'shop-api-r1-2']);
});

test('refuses to choose clients where the proxy does not', () => {
  const strategy = {
    kind: 'canary' as const,
    match: { cookie: { name: 'beta' } },
    steps: [{ weight: 0, soak: 0, approve: true }],
  };
  const unchosen = { proxy: 'edge', backend: 'api', todo: 'add the line …' };
  expect(() => plan({ strategy }, { unchosen })).toThrow(
    'api: backend api of proxy edge does not choose clients as strategy.match says',
  );
});

test('launches a baseline beside each canary, at its share, and takes it out before all are even', () => {
  const strategy = { kind: 'canary' as const, baseline: true, steps: [{ weight: 20, soak: 60_000, approve: false }] };
  const validate = [home(['during'], { every: 1_000, compare: { direction: 'increase', allowed: 1, critical: true } })];
  const { steps } = plan({ strategy, validate, instances: 1 }, { instances: running(1) });
  const moves = lines(steps).filter((line) => /^api\/(weigh|launch|swap|retire|soak|validate)/.test(line));
  expect(moves.map((line) => line.split(' ')[0])).toEqual([
    'api/weigh/step-1',
    'api/launch/shop-api-r2-1',
    'api/swap/shop-api-r2-1',
    'api/launch/shop-api-r1-2',
    'api/swap/shop-api-r1-2',
    'api/soak/step-1',
    'api/validate/compare/step-1',
    'api/swap/former/shop-api-r1-2',
    'api/retire/shop-api-r1-2',
    'api/weigh/even',
    'api/swap/shop-api-r1-1',
    'api/retire/shop-api-r1-1',
    'api/validate/up',
  ]);
  const at = (id: string) => steps.find((step) => step.id === id)!;
  expect(at('api/weigh/step-1')).toMatchObject({
    share: 0.2,
    weights: [{ instance: { name: 'shop-api-r1-1' }, weight: 3 }],
  });
  expect([at('api/swap/shop-api-r2-1'), at('api/swap/shop-api-r1-2')]).toMatchObject([{ weight: 1 }, { weight: 1 }]);
  expect(at('api/launch/shop-api-r1-2')).toMatchObject({
    instance: { revision: 1, uncounted: true },
    fingerprint: 'old',
  });
  expect(lineFor(at('api/launch/shop-api-r1-2'))).toBe('launch shop-api-r1-2, the baseline');
  expect(at('api/validate/compare/step-1')).toMatchObject({
    instances: [{ name: 'shop-api-r2-1' }],
    baseline: [{ name: 'shop-api-r1-2' }],
    compared: [{ name: 'home', count: 60 }],
  });
  expect(at('api/record')).toMatchObject({ instances: [{ name: 'shop-api-r2-1' }] });
});

test('compares with the head, and not with what an unfinished release has left', () => {
  const strategy = { kind: 'canary' as const, baseline: true, steps: [{ weight: 20, soak: 0, approve: false }] };
  const compare = { direction: 'increase' as const, allowed: 1, critical: true };
  const left = instance({
    name: 'shop-api-r2-1',
    revision: 2,
    fingerprint: 'bad',
    ports: { 8080: 20009 },
    slots: [slot(9)],
  });
  const validate = [home(['during'], { compare }), home(['before'], { name: 'jobs' })];
  const { steps } = plan({ strategy, validate }, { instances: [left, ...running(3)], nextRevision: 3 });
  const asked = steps.filter((step) => step.kind === 'validate' && (step.baseline ?? step.former));
  expect(asked).toMatchObject([
    { id: 'api/validate/former/jobs', instances: [{ name: 'shop-api-r1-1' }] },
    { id: 'api/validate/compare/step-1', baseline: [{ name: 'shop-api-r1-4' }] },
  ]);
});

test('compares with no version whose configuration the host has not kept', () => {
  const strategy = { kind: 'canary' as const, baseline: true, steps: [{ weight: 20, soak: 0, approve: false }] };
  expect(() => plan({ strategy }, { revisions: [] })).toThrow(
    'no version that Belay has released serves as a baseline',
  );
});

test('compares five times in a short soak, beside a series of any name', () => {
  const strategy = { kind: 'canary' as const, baseline: true, steps: [{ weight: 20, soak: 30_000, approve: false }] };
  const compare = { direction: 'increase' as const, allowed: 1, critical: true };
  const { steps } = plan({
    strategy,
    validate: [home(['during'], { name: 'compare' }), home(['during'], { compare })],
  });
  const tests = steps.filter((step) => step.kind === 'validate' && step.until === undefined);
  expect(tests).toMatchObject([
    { id: 'api/validate/during/compare/step-1', series: true, smoke: { count: 3 } },
    { id: 'api/validate/compare/step-1', compared: [{ count: fewest }] },
  ]);
});

test('gives each test its time, on every instance', () => {
  const { steps } = plan({ validate: [home(['after'], { timeout: 600_000 })] });
  expect(longest(steps.find(({ id }) => id === 'api/validate/after/home')!)).toBeGreaterThan(3 * 600_000);
});

test('takes one out first where no server is free for an extra instance, and says so', () => {
  const { steps, warnings } = plan({}, { freeSlots: [] });
  expect(steps[4]).toMatchObject({ id: 'api/swap/shop-api-r1-1', leave: { name: 'shop-api-r1-1' } });
  expect(warnings).toEqual([
    'api: no server is free for extra instances: surge 1 becomes 0, and one fewer serves meanwhile (unavailable 1); belay doctor prints the lines to add',
  ]);
});

test('says which backend is too small for the only instance', () => {
  expect(() => plan({ instances: 1 }, { instances: running(1), freeSlots: [] })).toThrow(
    'api: every server of backend edge/api is in use; the next instance finds no place',
  );
});

test('names only the backend that is too small, and what helps with this strategy', () => {
  const routes = ['api', 'admin'].map((backend) => ({ proxy: 'edge', backend, port: 8080 }));
  const old = running(1).map((one) => ({ ...one, slots: [slot(1), { ...slot(1), backend: 'admin' }] }));
  const refusal = (strategy: DesiredStrategy, more: Partial<ObservedService> = {}) => {
    try {
      plan({ instances: 1, routes, strategy }, { instances: old, freeSlots: [slot(2), slot(3)], ...more });
    } catch (error) {
      const { message, hint } = error as { message: string; hint: string };
      return `${message}: ${hint}`;
    }
  };
  const few =
    'api: every server of backend edge/admin is in use; the next instance finds no place: add servers to the backend (belay doctor prints the lines)';
  expect(refusal({ kind: 'rolling', surge: 1, unavailable: 0 })).toBe(
    `${few}, or write strategy: { kind: recreate }, which stops the old ones first`,
  );
  expect(refusal({ kind: 'canary', steps: [{ weight: 5, soak: 0, approve: true }] })).toBe(
    `${few}, or lower the weights of strategy.steps`,
  );
  expect(refusal({ kind: 'recreate' }, { instances: [] })).toBe(`${few}, or ask for fewer instances`);
});

test('says when the reserved ports do not suffice', () => {
  expect(() => plan({}, {}, [20010])).toThrow(
    'hosts.local.ports: all 1 free ports of the reserved range are taken by this release, and it needs more',
  );
});

test('names the variables that change, never their values', () => {
  const before = desiredService({ fingerprint: 'old', environment: { A: 'mark1', B: 'mark2', C: 'mark3' } });
  const { services } = plan(
    { environment: { A: 'mark1', B: 'other', D: 'mark4' } },
    { revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: before }] },
  );
  expect(services[0]?.environment).toEqual({ added: ['D'], removed: ['C'], changed: ['B'] });
});

test('names the routes that change, and only those', () => {
  const routes = [{ proxy: 'edge', backend: 'api', port: 9090 }];
  expect(plan({ routes }).services[0]?.routes).toEqual({ from: ['edge/api:8080'], to: ['edge/api:9090'] });
  expect(plan().services[0]?.routes).toBeUndefined();
});

test('asks the ports of routes that the readiness check does not ask', () => {
  const probe = { every: 500, timeout: 2_000, healthy: 1, within: 60_000, grace: 0, status: 200 };
  const routes = [8080, 9090].map((port) => ({ proxy: 'edge', backend: `on${port}`, port }));
  const freeSlots = routes.flatMap(({ backend, port }) => [1, 2, 3, 4].map((n) => ({ ...slot(n), backend, port })));
  const portsOf = (service: Partial<PlannedService>) =>
    plan({ routes, ...service }, { freeSlots }).steps.flatMap((step) => (step.kind === 'probe' ? [step.ports] : []))[0];
  expect(portsOf({ ready: { ...probe, http: '/ready', port: 8080 } })).toEqual([9090]);
  expect(portsOf({ ready: { ...probe, tcp: 9090 } })).toEqual([8080]);
  expect(portsOf({ ready: { ...probe, grpc: 9090 } })).toEqual([8080]);
  expect(portsOf({ ready: { ...probe, docker: true } })).toEqual([8080, 9090]);
  expect(portsOf({})).toEqual([8080, 9090]);
});

describe('back to what Compose had started', () => {
  const task = {
    kind: 'take-again' as const,
    revision: 0,
    instances: [{ name: 'shop-api-1', ports: { 8080: 8081 }, published: [8081] }],
  };
  const before = desiredService({ fingerprint: 'old', instances: 1 });
  const composed = { ...running(1)[0]!, name: 'shop-api-1', revision: 0, slots: [], ports: { 8080: 8081 } };
  const back = (state: ObservedInstance['state'], fingerprint: string, strategy: DesiredStrategy = before.strategy) =>
    plan(
      { instances: 1, task, fingerprint: 'old', strategy, routes: [] },
      {
        head: 2,
        revisions: [
          { number: 0, state: 'recorded', task: { kind: 'run' as const }, desired: before },
          {
            number: 2,
            state: 'recorded',
            task: { kind: 'run' as const },
            desired: desiredService({ fingerprint: 'new' }),
          },
        ],
        instances: [
          { ...composed, state, fingerprint, traffic: state === 'running' ? 'in' : 'out' },
          { ...running(2, 'new')[1]!, slots: [] },
        ],
      },
    );

  const strategies: DesiredStrategy[] = [
    { kind: 'rolling', surge: 1, unavailable: 0 },
    { kind: 'recreate' },
    { kind: 'blue-green', warm: 0 },
  ];

  test.each(strategies)(
    'what is left of a stopped container is gone before it is launched again: $kind',
    (strategy) => {
      const { steps } = back('exited', 'old', strategy);
      const launch = steps.find((step) => step.kind === 'launch');
      expect(launch).toMatchObject({ id: 'api/launch/shop-api-1' });
      expect(launch?.needs).toContain('api/retire/shop-api-1');
      expect(steps.map(({ id }) => id)).toContain('api/retire/shop-api-1');
    },
  );

  test('is refused while Compose runs another one under the name', () => {
    expect(() => back('running', 'changed')).toThrow(
      'api: cannot go back to revision 0: Compose runs shop-api-1 with another configuration now',
    );
  });
});

test('claims the ports of what it launches and of what runs, which may have to come back', () => {
  const claim = plan().steps.find((step) => step.kind === 'claim');
  expect(claim).toMatchObject({ ports: [20010, 20011, 20012, 20000, 20001, 20002] });
});

test('claims services one after the other by name, and records none before all have succeeded', () => {
  const two = [desiredService({ service: 'web' }), desiredService({ service: 'api' })];
  const { steps } = shopPlan({ services: two, seen: { api: seenService(), web: seenService() } });
  expect(steps.find((step) => step.id === 'web/claim')?.needs).toEqual(['api/claim']);
  expect(steps.find((step) => step.id === 'api/preflight')?.needs).toEqual(['web/claim']);
  expect(steps.find((step) => step.id === 'api/record')?.needs).toEqual(
    expect.arrayContaining(['web/retire/shop-api-r1-3', 'web/validate/up']),
  );
});

test('stops every old instance before it launches a new one, and says for how long nobody serves', () => {
  const timings = { drain: 400, retire: 3000, launch: 600, probe: 1000, swap: 100 };
  const revisions = [
    {
      number: 1,
      state: 'recorded' as const,
      task: { kind: 'run' as const },
      desired: desiredService({ fingerprint: 'old' }),
      timings,
    },
  ];
  const { steps, services } = plan({ strategy: { kind: 'recreate' } }, { revisions });
  const launches = steps.filter((step) => step.kind === 'launch');
  const retires = steps.filter((step) => step.kind === 'retire').map((step) => step.id);
  expect(launches.map(({ needs }) => retires.every((id) => needs.includes(id)))).toEqual([true, true, true]);
  expect(services[0]?.downtime).toEqual({ atMost: 120_000, usual: 5100 });
});

describe('while requests wait at the proxy', () => {
  const recreate = { strategy: { kind: 'recreate' as const } };
  const front = (over: Partial<FrontRoute> = {}): Front => ({
    ...stickyFront,
    routes: stickyFront.routes.map(({ sticky, ...route }) => ({ ...route, ...over })),
  });
  const seen = (timings: Timings) => ({
    revisions: [
      {
        number: 1,
        state: 'recorded' as const,
        task: { kind: 'run' as const },
        desired: desiredService({ fingerprint: 'old' }),
        timings,
      },
    ],
  });
  const downtimeOf = (fronts: Front[], timings: Timings) =>
    plan({ ...recreate, fronts }, seen(timings)).services[0]?.downtime;

  test.each([
    ['as long as they do without being told', {}, 29_000, 30_000],
    ['not for longer than they do', {}, 31_000, undefined],
    ['as long as they are told to', { hold: 60_000 }, 31_000, 60_000],
    ['not where they are told not to', { hold: 0 }, 100, undefined],
  ])('a gap is no downtime: %s', (_what, over, retire, held) => {
    expect(downtimeOf([front(over)], { retire })?.held).toBe(held);
  });

  test('a gap is a downtime where a route leads past it, or nobody knows how long it takes', () => {
    expect(downtimeOf([], { retire: 1_000 })?.held).toBeUndefined();
    expect(downtimeOf([front({ backend: 'other' })], { retire: 1_000 })?.held).toBeUndefined();
    expect(plan({ ...recreate, fronts: [front()] }).services[0]?.downtime).toEqual({ atMost: 120_000 });
  });
});

describe('where a client stays with one instance', () => {
  const sticky = (surge: number) =>
    plan({ fronts: [stickyFront], strategy: { kind: 'rolling', surge, unavailable: 0 } });
  const swaps = ({ steps }: Plan) => steps.filter((step) => step.kind === 'swap');

  test('all new instances are in before the first old one leaves, where there is room for all', () => {
    const { warnings, ...rest } = sticky(3);
    const into = swaps(rest as Plan).filter(({ enter }) => enter);
    const out = swaps(rest as Plan).filter(({ leave }) => leave);
    expect(into.map(({ leave }) => leave)).toEqual([undefined, undefined, undefined]);
    for (const { needs } of out) expect(needs).toEqual(expect.arrayContaining(into.map(({ id }) => id)));
    expect(out).toHaveLength(3);
    expect(warnings.filter((one) => one.includes('sticky'))).toEqual([]);
  });

  test('as many as there is room for are, and the plan says what that costs', () => {
    const { steps, warnings } = sticky(2);
    const first = steps.find((step) => step.kind === 'swap' && step.leave);
    expect(first?.needs.filter((id) => id.includes('/swap/'))).toHaveLength(2);
    expect(warnings).toContainEqual(expect.stringContaining('surge: 100%'));
  });

  test('where addresses say which, no strategy keeps all clients where they are, and the plan says so', () => {
    const route = { ...stickyFront.routes[0]!, sticky: 'source' as const };
    const said = (over: Partial<FrontRoute>) => {
      const fronts = [{ ...stickyFront, routes: [{ ...route, ...over }] }];
      return plan({ fronts, strategy: { kind: 'rolling', surge: 3, unavailable: 0 } }).warnings.join();
    };
    expect(said({})).toContain('sticky: cookie');
    expect(said({ protocol: 'tcp' })).toMatch(/share of all addresses.*more than once$/);
  });

  test('its instance is drained as one that clients stay with', () => {
    expect(sticky(3).steps.find((step) => step.kind === 'drain')).toMatchObject({ sticky: true });
    expect(plan().steps.find((step) => step.kind === 'drain')).not.toHaveProperty('sticky');
  });
});

test('says nothing of a downtime where some of those that are right go on', () => {
  const recreate = { strategy: { kind: 'recreate' as const }, fingerprint: 'old' };
  expect(plan({ ...recreate, instances: 2 }).services[0]).not.toHaveProperty('downtime');
  expect(plan({ ...recreate, instances: 4 }).services[0]).not.toHaveProperty('downtime');
});

test('sets the share before a canary comes in, soaks, asks, and makes all alike in the end', () => {
  const strategy = { kind: 'canary' as const, steps: [{ weight: 20, soak: 60_000, approve: true }] };
  const steps = lines(plan({ strategy }).steps);
  expect(steps.slice(4, 12)).toEqual([
    'api/weigh/step-1 <- configure',
    'api/launch/shop-api-r2-1 <- weigh/step-1',
    'api/probe/shop-api-r2-1 <- launch/shop-api-r2-1',
    'api/swap/shop-api-r2-1 <- probe/shop-api-r2-1',
    'api/soak/step-1 <- weigh/step-1 launch/shop-api-r2-1 probe/shop-api-r2-1 swap/shop-api-r2-1',
    expect.stringMatching(/^api\/approve\/step-1 <- .* soak\/step-1$/),
    expect.stringMatching(/^api\/weigh\/even <- .* approve\/step-1$/),
    'api/swap/shop-api-r1-1 <- swap/shop-api-r2-1 weigh/even',
  ]);
});

test('a canary goes on with its steps where a release that was terminated has left it, and has none where only a number changes', () => {
  const steps = [5, 50].map((weight) => ({ weight, soak: 0, approve: true }));
  const asked = (instances: number, seen: Partial<ObservedService>) =>
    plan({ instances, strategy: { kind: 'canary', steps } }, seen).steps.filter(({ kind }) => kind === 'approve')
      .length;
  const both = [...running(1), ...running(2, 'new').slice(1)];
  expect(asked(1, { instances: both })).toBe(2);
  expect(asked(1, { instances: running(2, 'new') })).toBe(0);
  expect(asked(3, { instances: [...running(3, 'new'), ...running(4).slice(3)] })).toBe(0);
});

test('a canary that a new release takes up again has its former share after a rollback', () => {
  const left = { ...running(4, 'new')[3]!, revision: 2, weighed: { weight: 1 } };
  const olds = running(3).map((one) => ({ ...one, weighed: { weight: 19 } }));
  const strategy = { kind: 'canary' as const, steps: [{ weight: 20, soak: 0, approve: true }] };
  const { undo } = plan({ strategy }, { instances: [...olds, left], nextRevision: 3 });
  const back = undo.flatMap((step) => (step.kind === 'weigh' ? [step] : []));
  expect(back).toMatchObject([
    {
      undoes: 'api/weigh/step-1',
      weights: [...olds, left].map(({ name, weighed }) => ({ instance: { name }, ...weighed })),
    },
  ]);
  expect(back.map(lineFor)).toEqual(['give every instance the share that it had before']);
  const returns = undo.flatMap((step) => (step.kind === 'swap' && step.enter ? [step] : []));
  expect(returns).toHaveLength(3);
  for (const step of returns) expect(step).toMatchObject({ weight: 19 });
});

test('a rollback takes an abandoned canary out before it makes the shares of the others even', () => {
  const left = { ...running(4, 'abandoned')[3]!, revision: 2, weighed: { weight: 1 } };
  const olds = running(3).map((one) => ({ ...one, weighed: { weight: 19 } }));
  const task = { kind: 'take-again' as const, revision: 1 };
  const { steps } = plan({ task, fingerprint: 'old' }, { instances: [...olds, left], nextRevision: 3 });
  expect(steps.filter(({ kind }) => kind === 'weigh')).toMatchObject([
    { weights: olds.map(({ name }) => ({ instance: { name } })), needs: [`api/swap/${left.name}`] },
  ]);
});

test.each(['recreate', 'in-place'] as const)('%s makes the share of a kept canary even', (kind) => {
  const left = { ...running(1, 'new')[0]!, weighed: { weight: 1 } };
  const { steps } = plan({ strategy: { kind }, instances: 1 }, { instances: [left] });
  expect(steps.filter(({ kind }) => kind === 'weigh')).toMatchObject([
    { weights: [{ instance: { name: left.name } }] },
  ]);
});

test('switches once between two sets, and keeps the old one warm after the record', () => {
  const sets = [{ proxy: 'edge', key: 'api', live: 'api-blue', idle: 'api-green' }];
  const old = running(3).map((one) => ({ ...one, slots: one.slots.map((at) => ({ ...at, backend: 'api-blue' })) }));
  const freeSlots = [1, 2, 3].map((number) => ({ ...slot(number), backend: 'api-green' }));
  const { steps } = plan({ strategy: { kind: 'blue-green', warm: 60_000 } }, { sets, instances: old, freeSlots });
  expect(steps.filter((step) => step.kind === 'switch')).toMatchObject([
    {
      switches: [{ key: 'api', from: 'api-blue', to: 'api-green' }],
      needs: [1, 2, 3].map((n) => `api/swap/shop-api-r2-${n}`),
    },
  ]);
  expect(steps.filter((step) => step.kind === 'retire')).toEqual([]);
  expect(steps.find((step) => step.kind === 'warm')).toMatchObject({
    time: 60_000,
    revision: 2,
    needs: ['api/record'],
  });
});

test('leads a new route to the side on which the others are before all of them are switched', () => {
  const routes = ['api', 'admin'].map((backend) => ({ proxy: 'edge', backend, port: 8080 }));
  const sets = [
    { proxy: 'edge', key: 'api', live: 'api-green', idle: 'api-blue' },
    { proxy: 'edge', key: 'admin', live: 'admin-blue', idle: 'admin-green' },
  ];
  const instances = running(1).map((one) => ({ ...one, slots: [{ ...slot(1), backend: 'api-green' }] }));
  const freeSlots = sets.flatMap(({ live, idle }) => [live, idle].map((backend) => ({ ...slot(2), backend })));
  const strategy = { kind: 'blue-green' as const, warm: 0 };
  const { steps } = plan({ instances: 1, routes, strategy }, { sets, instances, freeSlots });
  expect(steps.filter((step) => step.kind === 'switch').map(lineFor)).toEqual([
    'switch admin from admin-blue to admin-green',
    'switch api from api-green to api-blue, admin from admin-green to admin-blue',
  ]);
});

test('pulls nothing on the way back to a revision that is kept, and first of all where its image is gone', () => {
  const prepared = (pull?: boolean) =>
    plan({ task: { kind: 'take-again', revision: 1, pull } })
      .steps.filter(({ kind }) => ['preflight', 'pull', 'configure'].includes(kind))
      .map(({ id, needs }) => [id, ...needs]);
  expect(prepared()).toEqual([
    ['api/preflight', 'api/claim'],
    ['api/configure', 'api/preflight'],
  ]);
  expect(prepared(true)).toEqual([
    ['api/preflight', 'api/claim'],
    ['api/pull', 'api/preflight'],
    ['api/configure', 'api/pull'],
  ]);
});

test('says of a drain who leads requests past the proxy, by the labels of now or of the instance’s own revision', () => {
  const drains = (made: Plan) => [...made.steps, ...made.undo].filter((step) => step.kind === 'drain');
  const leaders = (made: Plan) => [...new Set(drains(made).map((step) => step.leaders?.join()))];
  expect(leaders(plan())).toEqual([undefined]);
  expect(leaders(plan({ leaders: ['Traefik'] }))).toEqual(['Traefik']);
  const before = desiredService({ fingerprint: 'old', leaders: ['Caddy'] });
  const { steps } = plan({}, { revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: before }] });
  const drain = steps.find((step) => step.kind === 'drain')!;
  expect(drain.leaders).toEqual(['Caddy']);
  expect(lineFor(drain)).toBe('drain shop-api-r1-1 at the proxy');
});

test('lets the proxy serve before anything is launched, and as before once all is undone', () => {
  const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {}, slots: 4 };
  const fronts = [{ proxy: 'edge', image: someImage, routes: [route] }];
  const { steps, undo } = plan({ fronts });
  expect(steps.find((step) => step.kind === 'proxy')).toMatchObject({ id: 'api/proxy/edge', needs: ['api/configure'] });
  expect(steps.find((step) => step.kind === 'launch')?.needs).toEqual(['api/proxy/edge']);
  const moves = undo.filter(({ kind }) => kind === 'retire' || kind === 'swap').map(({ id }) => id);
  const back = undo.find((step) => step.kind === 'proxy');
  expect(back).toMatchObject({ id: 'api/undo/proxy/edge', undoes: 'api/proxy/edge' });
  expect(back?.needs).toEqual(expect.arrayContaining(moves));
});

test('keeps the servers that a proxy of Belay’s own has, and refuses to move a service to another one', () => {
  const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {} };
  const front = (proxy: string, slots: number) => ({
    proxy,
    image: someImage,
    routes: [{ ...route, slots }],
  });
  const before = desiredService({ fingerprint: 'old', fronts: [front('edge', 17)] });
  const revisions = [{ number: 1, state: 'recorded' as const, task: { kind: 'run' as const }, desired: before }];
  expect(plan({ fronts: [front('edge', 7)] }, { revisions }).steps.find((step) => step.kind === 'proxy')).toMatchObject(
    {
      front: { routes: [{ slots: 17 }] },
    },
  );
  expect(() => plan({ fronts: [front('own', 7)] }, { revisions })).toThrow('api: cannot move from proxy edge to own');
  const taken = revisions.map((one) => ({ ...one, task: { kind: 'remove' as const } }));
  expect(() => plan({ fronts: [front('own', 7)] }, { revisions: taken })).not.toThrow();
});

test('warns of a port that a proxy of Belay’s own stops answering on before anything new is ready', () => {
  const route = { service: 'api', backend: 'api', protocol: 'http' as const, networks: {}, slots: 4 };
  const fronts = (...ports: number[]) => [
    { proxy: 'own', image: someImage, routes: ports.map((port) => ({ ...route, port })) },
  ];
  const before = desiredService({ fingerprint: 'old', fronts: fronts(9000, 9100) });
  const warned = (...ports: number[]) =>
    plan(
      { fronts: fronts(...ports) },
      { revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: before }] },
    ).warnings;
  expect(warned(9001, 9100)).toEqual([
    expect.stringMatching(/^api: proxy own stops answering on port 9000 before anything of this release is ready/),
  ]);
  expect(warned(9000, 9100, 9200)).toEqual([]);
});

test('takes a proxy off a service only once the release is on record: nobody comes back to servers that are gone', () => {
  const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {}, slots: 4 };
  const front = { proxy: 'own', image: someImage, routes: [route] };
  const before = desiredService({ fingerprint: 'old', fronts: [front] });
  const { steps, undo } = plan(
    {},
    { revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: before }] },
  );
  const off = steps.find((step) => step.kind === 'proxy');
  expect(off).toMatchObject({ id: 'api/proxy/own', proxy: 'own', needs: ['api/record'] });
  expect(off).not.toHaveProperty('front');
  expect(undo.filter((step) => step.kind === 'proxy')).toEqual([]);
});

test('no two services of a release claim one port, where Compose publishes it at an address of the host for each', () => {
  const composed = (service: string) =>
    seenService({
      head: 0,
      revisions: [
        {
          task: { kind: 'run' },
          number: 0,
          state: 'recorded',
          desired: desiredService({ service, fingerprint: 'old' }),
        },
      ],
      instances: [{ ...running(1)[0]!, name: `shop-${service}-1`, revision: 0, slots: [], ports: {}, published: [80] }],
    });
  const { steps } = shopPlan({
    services: [desiredService({ instances: 1 }), desiredService({ service: 'web', instances: 1, routes: [] })],
    seen: { api: composed('api'), web: composed('web') },
    freePorts: [20010, 20011],
  });
  const claimed = steps.flatMap((step) => (step.kind === 'claim' ? step.ports! : []));
  expect(claimed.sort()).toEqual([20010, 20011]);
});

test('takes a proxy off that an earlier release could not take off, and does nothing else', () => {
  const seen: Partial<ObservedService> = {
    revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: desiredService({}) }],
    instances: running(3, 'new'),
    standing: ['own'],
  };
  const { steps } = plan({}, seen);
  expect(steps.filter(({ kind }) => kind === 'launch' || kind === 'retire')).toEqual([]);
  expect(steps.find((step) => step.kind === 'proxy')).toMatchObject({ proxy: 'own', needs: ['api/record'] });
  expect(plan({}, { ...seen, standing: [] }).steps).toEqual([]);
});

test('brings a proxy up anew for a service that had been removed, and takes it off again on the way back', () => {
  const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {}, slots: 4 };
  const fronts = [{ proxy: 'own', image: someImage, routes: [route] }];
  const gone = desiredService({ fingerprint: 'old', instances: 0, task: { kind: 'remove' }, fronts });
  const seen = {
    instances: [],
    revisions: [{ number: 1, state: 'recorded' as const, task: { kind: 'remove' as const }, desired: gone }],
  };
  const { steps, undo } = plan({ fronts }, seen);
  expect(steps.filter((step) => step.kind === 'proxy')).toMatchObject([{ front: { proxy: 'own' } }]);
  expect(undo.find((step) => step.kind === 'proxy')).not.toHaveProperty('front.proxy');
});

test('a service that stays as it is has no reason to be changed', () => {
  const revisions: ObservedService['revisions'] = [
    { task: { kind: 'run' }, number: 1, state: 'recorded', desired: desiredService({}) },
  ];
  const planned = (count: number) => plan({}, { revisions, instances: running(count, 'new') }).services;
  expect(planned(2)).toMatchObject([{ unchanged: false, reasons: ['2 of 3 instances run'] }]);
  expect(planned(3)).toMatchObject([{ unchanged: true }]);
  expect(planned(3)[0]).not.toHaveProperty('reasons');
});

test('fewer instances than the head says are told first of all, with what the release does about it', () => {
  const revisions: ObservedService['revisions'] = [
    { task: { kind: 'run' }, number: 1, state: 'recorded', desired: desiredService({}) },
  ];
  const told = (count: number) => plan({}, { revisions, instances: running(count, 'new') }).notices;
  expect(told(3)).toEqual([]);
  expect(told(2)).toEqual(['api: only 2 of the 3 instances of revision 1 run; this brings back what is missing']);
  expect(told(0)).toEqual(['api: none of the 3 instances of revision 1 runs; this brings back what is missing']);
});

test('what a terminated release has left in traffic is told first of all, and what a way back leads to', () => {
  const revision = (number: number, state: 'recorded' | 'pending', fingerprint: string) => ({
    task: { kind: 'run' as const },
    number,
    state,
    desired: desiredService({ fingerprint, instances: 2 }),
  });
  const revisions = [revision(1, 'recorded', 'old'), revision(2, 'pending', 'left')];
  const left = { ...running(1, 'left')[0]!, name: 'shop-api-r2-1', revision: 2 };
  const planned = (instances: ObservedInstance[]) =>
    plan({ instances: 2, fingerprint: 'newer' }, { revisions, instances, nextRevision: 3 });
  const mixed = planned([running(1)[0]!, left]);
  expect(mixed.notices![0]).toBe(
    'api: shop-api-r2-1 of revision 2, which was never recorded, has traffic: its release has neither recorded nor undone it; this one leads all of them to one revision',
  );
  expect(mixed.services[0]!.found).toEqual([
    { revision: 1, instances: 1 },
    { revision: 2, instances: 1 },
  ]);
  expect(planned(running(1)).services[0]!.found).toEqual([{ revision: 1, instances: 1 }]);
  const whole = planned(running(2));
  expect(whole.notices).toEqual([]);
  expect(whole.services[0]).not.toHaveProperty('found');
});

test('what is missing is not said to come back where fewer instances are asked for', () => {
  const revisions: ObservedService['revisions'] = [
    { task: { kind: 'run' }, number: 1, state: 'recorded', desired: desiredService({}) },
  ];
  const asked = (instances: number) => plan({ instances }, { revisions, instances: running(1, 'new') }).notices;
  const short = 'api: only 1 of the 3 instances of revision 1 runs';
  expect(asked(2)).toEqual([`${short}; this asks for only 2`]);
  expect(asked(0)).toEqual([`${short}; this asks for none`]);
  expect(asked(4)).toEqual([`${short}; this brings back what is missing`]);
});

test('what is missing of a service that is taken off is not brought back', () => {
  const revisions: ObservedService['revisions'] = [
    { task: { kind: 'run' }, number: 1, state: 'recorded', desired: desiredService({}) },
  ];
  expect(plan({ task: { kind: 'remove' }, instances: 0 }, { revisions, instances: running(2, 'new') }).notices).toEqual(
    [],
  );
});

test('a number of instances that was given for one release only is said to be left', () => {
  const given = desiredService({ instances: 5, writtenInstances: 1, fingerprint: 'same' });
  const revisions: ObservedService['revisions'] = [
    { task: { kind: 'run' }, number: 1, state: 'recorded', desired: given },
  ];
  const warned = (service: Partial<PlannedService>) =>
    plan({ fingerprint: 'same', ...service }, { revisions, instances: running(5, 'same') }).notices;
  expect(warned({ instances: 1 })).toEqual([
    'api: 5 instances were given by --instances, for that release only. This one goes back to 1, as the files say; to keep 5, give --instances again or write instances: 5 into belay.yaml',
  ]);
  expect(warned({ instances: 5, writtenInstances: 1 })).toEqual([]);
  expect(warned({ instances: 3 })).toEqual([]);
  expect(warned({ instances: 1, task: { kind: 'take-again', revision: 0 } })).toEqual([]);
});

describe('a version that was given for one release only', () => {
  const image = (tag: number) => ({ ref: `shop/api:${tag}`, digest: `sha256:${tag}`, local: false });
  const given = desiredService({ artifact: image(2), written: 'shop/api:1', fingerprint: 'old' });
  const revisions: ObservedService['revisions'] = [
    { task: { kind: 'run' }, number: 1, state: 'recorded', desired: given },
  ];
  const warned = (service: Partial<PlannedService>) =>
    plan(service, { revisions, instances: running(3, 'old') }).notices;

  test('is said to be left where the files still name the one before', () => {
    expect(warned({ artifact: image(1) })).toEqual([
      'api: shop/api:2 was given by --version, for that release only. This one goes back to shop/api:1, which the files name; to keep it, give --version again or write it into the file',
    ]);
  });

  test.each<[string, Partial<PlannedService>]>([
    ['where it is given again, or another one', { artifact: image(3), written: 'shop/api:1' }],
    ['where the files name another one by now', { artifact: image(3) }],
    ['where the files name the same image by another name', { artifact: { ...image(1), digest: 'sha256:2' } }],
    ['on a rollback', { artifact: image(1), task: { kind: 'take-again', revision: 1 } }],
  ])('is not %s', (_where, service) => {
    expect(warned(service)).toEqual([]);
  });
});

test('says why a service behind a managed proxy is changed: a check is health, and a port is none', () => {
  const route = {
    service: 'api',
    backend: 'api',
    port: 8080,
    protocol: 'http' as const,
    networks: { shop: ['api'] },
    slots: 2,
    readyPath: '/ready',
  };
  const ready = {
    http: '/ready',
    port: 8080,
    status: 200,
    every: 1_000,
    timeout: 2_000,
    healthy: 2,
    within: 60_000,
    grace: 0,
  };
  const front = (more: object) => [{ proxy: 'edge', image: someImage, routes: [{ ...route, ...more }] }];
  const before = desiredService({ fronts: front({}), ready });
  const why = (more: Partial<PlannedService>) =>
    reasonsOf(
      desiredService({ fronts: front({}), ready, ...more }),
      seenService({ revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: before }] }),
    );
  expect(why({ fronts: front({ readyPath: '/up' }), ready: { ...ready, http: '/up' } })).toEqual(['health']);
  expect(why({ fronts: front({ readyPath: '/up' }) })).toEqual(["its proxy's own check"]);
  expect(why({ fronts: front({ hostPort: 80 }) })).toEqual(['published ports, or the settings of its proxy']);
});
