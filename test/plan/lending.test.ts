import fc from 'fast-check';
import type { DesiredStrategy, PlannedService } from '../../src/model/desired';
import type { ObservedInstance, ObservedService } from '../../src/model/observed';
import type { Plan, Step } from '../../src/model/plan';
import { withAdopted } from '../../src/plan/lending';
import { planRelease } from '../../src/plan/plan-release';
import { stepsAhead } from './ahead';
import { desiredService, instance, someImage } from './arbitraries';
import { boundsOf } from './bounds';
import { carryOut, createWorld, demand } from './world';

const image = someImage;
const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {}, slots: 9 };
const fronts = [{ proxy: 'edge', image, routes: [{ ...route, hostPort: 8080 }] }];
const sets = [{ proxy: 'edge', key: 'api', live: 'api-blue', idle: 'api-green' }];
const slot = (set: 'blue' | 'green', number: number) => ({
  proxy: 'edge',
  backend: `api-${set}`,
  server: `s${number}`,
  port: 8080,
});
const freeSlots = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((number) => [slot('blue', number), slot('green', number)]);
const composed = (more: Partial<ObservedInstance> = {}) =>
  instance({ name: 'shop-api-1', revision: 0, ports: { 8080: 8080 }, slots: [], ...more });

const before: ObservedService = {
  fence: { epoch: 0 },
  head: 0,
  revisions: [
    {
      task: { kind: 'run' },
      number: 0,
      state: 'recorded',
      desired: desiredService({ fingerprint: 'old', instances: 1 }),
    },
  ],
  nextRevision: 1,
  instances: [composed()],
  freeSlots,
  heaviest: 256,
  sets,
};
const after: ObservedService = {
  ...before,
  head: 1,
  revisions: [
    ...before.revisions,
    {
      task: { kind: 'run' },
      number: 1,
      state: 'recorded',
      previous: 0,
      desired: desiredService({ fronts, instances: 2 }),
    },
  ],
  nextRevision: 2,
  instances: [1, 2].map((number) =>
    instance({
      name: `shop-api-r1-${number}`,
      fingerprint: 'new',
      ports: { 8080: 20000 + number },
      slots: [slot('blue', number)],
    }),
  ),
  freeSlots: freeSlots.filter(({ backend, server }) => backend !== 'api-blue' || !['s1', 's2'].includes(server)),
};
const back = desiredService({
  fingerprint: 'old',
  instances: 1,
  task: {
    kind: 'take-again',
    revision: 0,
    instances: [{ name: 'shop-api-1', ports: { 8080: 8080 }, published: [8080] }],
  },
});

function plan(desired: PlannedService, seen: ObservedService, redirects = true): Plan {
  const freePorts = Array.from({ length: 20 }, (_, index) => 20100 + index);
  return planRelease({
    desired: {
      platform: 'shop',
      services: [desired],
      proxies: {},
      ports: { first: 20000, last: 20999 },
      source: { folder: '/shop', versions: {}, files: {} },
    },
    observed: { host: 'h', engine: 'e', freePorts, proxies: {}, redirects, services: { api: seen } },
  });
}

const first = (more: Partial<PlannedService> = {}) => desiredService({ instances: 2, fronts, ...more });
const find = <K extends Step['kind']>(steps: Step[], kind: K) =>
  steps.find((step): step is Extract<Step, { kind: K }> => step.kind === kind)!;

test.each([
  [true, { named: true }],
  [false, {}],
])('who comes by name is refused first only where nobody comes by the port any more: %s', (redirects, expected) => {
  const { id, kind, named } = find(plan(first(), before, redirects).steps, 'retire');
  expect({ id, kind, ...(named && { named }) }).toEqual({ id: 'api/retire/shop-api-1', kind: 'retire', ...expected });
});

test('lends the port to the proxy while Compose’s container has it, and publishes it once that one is gone', () => {
  const { steps, undo, warnings } = plan(first(), before);
  const proxy = find(steps, 'proxy');
  expect(proxy.front?.routes).toEqual([{ ...route, hostPort: 20100, redirectFrom: 8080 }]);
  expect(proxy.adopt).toEqual([expect.objectContaining({ name: 'shop-api-1', slots: [slot('blue', 1)] })]);
  expect(find(steps, 'preflight').ports).toContain(20100);
  const publish = find(steps, 'publish');
  expect(publish.front).toEqual(fronts[0]);
  expect(publish.needs).toContain('api/retire/shop-api-1');
  expect(find(steps, 'record').needs).toContain(publish.id);
  expect(find(undo, 'publish')).toMatchObject({ undoes: publish.id, lend: true, front: proxy.front });
  expect(undo.find(({ id }) => id === 'api/undo/launch/shop-api-1')?.needs).toContain('api/undo/publish/edge');
  expect(find(undo, 'proxy').front).toBeUndefined();
  expect(warnings.join()).toContain('port 8080 goes from shop-api-1 to the proxy without a gap');
});

test.each([
  [true, ['api/validate/told/step-1', 'api/validate/told']],
  [false, ['api/validate/told']],
])('asks a canary’s share for its version only at a port that leads to the proxy: %s', (redirects, expected) => {
  const version = { http: '/version', port: 8080, told: { json: 'version', version: '2' } };
  const strategy: DesiredStrategy = { kind: 'canary', steps: [{ weight: 20, soak: 0, approve: false }] };
  const { steps } = plan(first({ version, strategy }), before, redirects);
  expect(steps.flatMap(({ id }) => (id.includes('/told') ? [id] : []))).toEqual(expected);
  expect(stepsAhead(steps, 'api/validate/told')).toContain('api/publish/edge');
});

test.each([
  [{}, 'X-Forwarded-For says who the client is'],
  [{ protocol: 'tcp' as const }, 'nothing says who the client is, unless the route has client_address'],
  [{ clientAddress: 'none' as const }, 'nothing says who the client is, unless the route has client_address'],
  [{ clientAddress: 'proxy-protocol' as const }, 'the PROXY protocol says who the client is'],
])('says how the service learns who its client is, once the proxy has the port: %j', (own, words) => {
  const routes = [{ ...route, hostPort: 8080, ...own }];
  const { warnings } = plan(first({ fronts: [{ ...fronts[0]!, routes }] }), before);
  expect(warnings.join()).toContain(`from then on connections come from the proxy, and ${words}`);
});

test('lends every port of a proxy where Compose’s container has one of them, so that both of its containers can stand', () => {
  const more = [
    { ...route, hostPort: 8080 },
    { ...route, backend: 'admin', port: 8081, hostPort: 8081, hostAddress: '127.0.0.1' },
    { ...route, backend: 'free', port: 8082, hostPort: 8082 },
  ];
  const seen = { ...before, instances: [composed({ ports: { 8080: 8080, 8081: 8081 } })] };
  const { steps } = plan(first({ fronts: [{ ...fronts[0]!, routes: more }] }), seen);
  expect(find(steps, 'proxy').front?.routes).toEqual([
    { ...more[0], hostPort: 20100, redirectFrom: 8080 },
    { ...more[1], hostPort: 20101, redirectFrom: 8081 },
    { ...more[2], hostPort: 20102, redirectFrom: 8082 },
  ]);
  expect(find(steps, 'publish')).toMatchObject({ ports: [8080, 8081], front: { routes: more } });
});

test('lends a port that is published at one address of the host alone, and keeps to that address', () => {
  const at = { ...route, hostPort: 8080, hostAddress: '192.168.1.5' };
  const own = { fronts: [{ ...fronts[0]!, routes: [at] }] };
  const { steps, undo } = plan(first(own), { ...before, instances: [composed({ ports: {}, published: [8080] })] });
  expect(find(steps, 'proxy').front?.routes).toEqual([{ ...at, hostPort: 20100, redirectFrom: 8080 }]);
  expect(find(steps, 'publish').front?.routes).toEqual([at]);
  expect(find(steps, 'claim').ports).toContain(8080);
  expect(find(undo, 'probe')).not.toHaveProperty('direct');
});

test('asks nothing of a proxy none of whose ports Compose’s container has', () => {
  const own = { ...fronts[0]!, proxy: 'own', routes: [{ ...route, backend: 'own', port: 9090, hostPort: 9090 }] };
  const both = first({ fronts: [...fronts, own] });
  const { steps, undo } = plan(both, before);
  const named = (kind: Step['kind']) =>
    [...steps, ...undo].flatMap((step) => (step.kind === kind ? [step.id] : [])).sort();
  expect(named('publish')).toEqual(['api/publish/edge', 'api/undo/publish/edge']);
  const brought = steps.flatMap((step) => (step.kind === 'proxy' ? [step.front] : []));
  expect(brought).toContainEqual(own);
});

test('records the proxy with the port, whatever it has meanwhile', () => {
  expect(find(plan(first(), before).steps, 'claim').pending?.desired.fronts).toEqual(fronts);
});

test('asks a container of Compose past the port that leads to the proxy', () => {
  expect(find(plan(first(), before).undo, 'probe')).toMatchObject({ instance: { name: 'shop-api-1' }, direct: true });
  expect(find(plan(back, after).steps, 'probe')).toMatchObject({ instance: { name: 'shop-api-1' }, direct: true });
  expect(find(plan(first(), before, false).undo, 'probe')).not.toHaveProperty('direct');
});

test('publishes nothing meanwhile where nothing can be led elsewhere, and says for how long nobody answers', () => {
  const { steps, warnings } = plan(first(), before, false);
  expect(find(steps, 'proxy').front?.routes).toEqual([route]);
  expect(find(steps, 'publish').needs).toEqual(['api/retire/shop-api-1']);
  expect(warnings.join()).toContain(
    'port 8080 does not answer from when shop-api-1 is asked to stop until the proxy publishes it: for 50 s at most',
  );
});

test('a way back to Compose’s start gives the port back before its container is launched, and takes the proxy away', () => {
  const { steps, undo } = plan(back, after);
  const lend = find(steps, 'publish');
  expect(lend).toMatchObject({ lend: true, front: { routes: [{ hostPort: 20100, redirectFrom: 8080 }] } });
  expect(find(steps, 'launch')).toMatchObject({ instance: { name: 'shop-api-1' } });
  const moves = steps.filter(({ kind }) => ['launch', 'swap', 'drain', 'retire'].includes(kind));
  expect(moves.filter(({ needs }) => needs.includes(lend.id))).not.toEqual([]);
  expect(moves.flatMap(({ needs }) => needs)).not.toContain('api/configure');
  expect(find(steps, 'preflight').ports).not.toContain(8080);
  expect(find(steps, 'proxy').front).toBeUndefined();
  const again = find(undo, 'publish');
  expect(again).toMatchObject({ undoes: lend.id, front: fronts[0] });
  expect(again.needs).toContain('api/undo/retire/shop-api-1');
});

test('takes away what a release that was terminated has begun, on the way back to Compose’s start', () => {
  const begun = { number: 1, state: 'pending' as const, task: { kind: 'run' as const }, desired: first() };
  const { steps } = plan(back, { ...before, revisions: [...before.revisions, begun] });
  expect(find(steps, 'proxy')).toMatchObject({ proxy: 'edge' });
  expect(find(steps, 'proxy').front).toBeUndefined();
});

test('gives nothing back to what Compose started where that still runs', () => {
  const begun = { number: 1, state: 'pending' as const, task: { kind: 'run' as const }, desired: first() };
  const { steps } = plan(back, { ...before, revisions: [...before.revisions, begun] });
  expect(steps.filter(({ kind }) => kind === 'publish' || kind === 'launch')).toEqual([]);
});

test('goes on from what a terminated release has left: Compose’s container drained at the proxy serves as before', () => {
  const seen = { ...before, instances: [composed({ slots: [slot('blue', 4)], traffic: 'draining' })] };
  const { instances } = withAdopted(first(), seen);
  expect(instances).toEqual([expect.objectContaining({ slots: [slot('blue', 4)], traffic: 'in' })]);
});

test('adopts nothing beside instances of its own', () => {
  const seen = { ...after, instances: [...after.instances, composed()] };
  expect(withAdopted(first(), seen)).toBe(seen);
});

const strategies: DesiredStrategy[] = [
  { kind: 'rolling', surge: 1, unavailable: 0 },
  { kind: 'recreate' },
  { kind: 'canary', steps: [{ weight: 50, soak: 0, approve: false }] },
  { kind: 'blue-green', warm: 0 },
  { kind: 'blue-green', warm: 60_000 },
];
const ways: Array<[string, PlannedService, ObservedService]> = strategies.flatMap((strategy) => [
  [`${strategy.kind}, taken`, first({ strategy }), before],
  [`${strategy.kind}, given`, { ...back, strategy }, after],
]);

/** Returns a port and its holder: a container of Compose's, the proxy, or nobody while the proxy has lent it. */
function createPort(holder: 'compose' | 'proxy' | 'nobody') {
  let present = holder;
  return (step: Step): void => {
    if (step.kind === 'launch' && step.instance.revision === 0) {
      demand(present !== 'proxy', `${step.id}: the proxy has the port`);
      present = 'compose';
    }
    if (step.kind === 'retire' && step.instance.revision === 0) present = present === 'compose' ? 'nobody' : present;
    if (step.kind !== 'publish') return;
    demand(step.lend || present !== 'compose', `${step.id}: Compose's container has the port`);
    present = step.lend ? (present === 'proxy' ? 'nobody' : present) : 'proxy';
  };
}

test.each(ways)(
  '%s: nobody takes a port that another has, whatever the order and wherever it turns',
  (_, desired, seen) => {
    const order = fc.array(fc.nat(50), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(order, order, fc.nat(60), fc.boolean(), (there, return_, limit, redirects) => {
        const made = plan(desired, seen, redirects);
        const observed = withAdopted(desired, seen);
        const world = createWorld(observed, boundsOf({ desired, observed }));
        const port = createPort(seen === before ? 'compose' : 'proxy');
        const both = {
          ...world,
          apply: (step: Step) => {
            world.apply(step);
            port(step);
          },
        };
        const done = carryOut(made.steps, { world: both, choices: there, limit }).map(({ id }) => id);
        const undo = made.undo.filter(({ undoes }) => done.includes(undoes!));
        carryOut(undo, { world: both, choices: return_ });
        expect(
          world
            .serving()
            .map(({ name }) => name)
            .sort(),
        ).toEqual(seen.instances.map(({ name }) => name).sort());
      }),
      { numRuns: 300 },
    );
  },
);
