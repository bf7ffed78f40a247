import fc from 'fast-check';
import type { PinnedImage } from '../../src/model/artifact';
import type {
  DesiredConfig,
  DesiredNeed,
  DesiredStrategy,
  DesiredValidation,
  Front,
  PlannedService,
  StrategyOf,
} from '../../src/model/desired';
import type { ObservedInstance, ObservedService, ObservedSets, Slot } from '../../src/model/observed';

export const someImage: PinnedImage = { ref: 'shop/api:2', digest: 'sha256:2', local: false };

export const desiredService = (overrides: Partial<PlannedService> = {}): PlannedService => ({
  task: { kind: 'run' },
  service: 'api',
  artifact: someImage,
  instances: 3,
  fingerprint: 'new',
  environment: {},
  ports: [8080],
  routes: [{ proxy: 'edge', backend: 'api', port: 8080 }],
  strategy: { kind: 'rolling', surge: 1, unavailable: 0 },
  drain: { deadline: 30_000, at_deadline: 'proceed' },
  stop: { signal: 'SIGTERM', grace: 30_000 },
  keep: 3,
  on_failure: 'rollback',
  validate: [],
  warnings: [],
  ...overrides,
});

export const slot = (number: number): Slot => ({ proxy: 'edge', backend: 'api', server: `s${number}`, port: 8080 });

export const instance = ({
  ports = { 8080: 20000 },
  ...overrides
}: Partial<ObservedInstance> = {}): ObservedInstance => ({
  name: 'shop-api-r1-1',
  revision: 1,
  fingerprint: 'old',
  state: 'running',
  ports,
  published: Object.values(ports),
  slots: [slot(1)],
  traffic: 'in',
  ...overrides,
});

export interface Scene {
  desired: PlannedService;
  /** Fingerprints of instances without routes: each is in traffic as long as it runs. */
  unrouted: string[];
  observed: ObservedService;
  config?: DesiredConfig;
  /** Tests of the whole platform. */
  tests?: DesiredValidation[];
}

export const someNeed: DesiredNeed = { kind: 'tcp', text: 'db:5432', required: true, within: 10_000 };

/** A managed proxy that keeps a client with one instance. */
export const stickyFront: Front = {
  proxy: 'edge',
  image: someImage,
  routes: [{ service: 'api', backend: 'api', port: 8080, protocol: 'http', networks: {}, slots: 10, sticky: 'cookie' }],
};

const empty = { fence: { epoch: 4 }, head: undefined, revisions: [], nextRevision: 2, heaviest: 256 };
const inSet = (backend: string, number: number): Slot => ({ ...slot(number), backend });
const setAt = (live: string): ObservedSets => {
  return { proxy: 'edge', key: 'api', live, idle: live === 'api-green' ? 'api-blue' : 'api-green' };
};

/** A spec and a host in any state that a release, or a crash of one, can leave. */
export const scene: fc.Arbitrary<Scene> = fc
  .record({
    instances: fc.integer({ min: 1, max: 5 }),
    surge: fc.integer({ min: 0, max: 3 }),
    unavailable: fc.integer({ min: 0, max: 2 }),
    pauseAfter: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    routed: fc.boolean(),
    formerly: fc.constantFrom('the same', 'the same', 'unrouted', 'api', 'former'),
    // The set that a map leads to after another strategy.
    switched: fc.constantFrom(undefined, undefined, 'api-blue', 'api-green', 'api'),
    seen: fc.array(
      fc.record({
        fingerprint: fc.constantFrom('new', 'old', 'older'),
        state: fc.constantFrom(
          'running' as const,
          'running' as const,
          'running' as const,
          'exited' as const,
          'created' as const,
        ),
        traffic: fc.constantFrom('in' as const, 'in' as const, 'in' as const, 'draining' as const, 'out' as const),
        at: fc.constantFrom('live' as const, 'live' as const, 'idle' as const, 'key' as const),
        weighed: fc.constantFrom(undefined, undefined, { weight: 1 }, { weight: 19 }, { chosen: true as const }),
      }),
      { maxLength: 7 },
    ),
    spareSlots: fc.integer({ min: 0, max: 3 }),
    sticky: fc.boolean(),
    needing: fc.boolean(),
    lost: fc.integer({ min: 0, max: 2 }),
  })
  .filter(({ surge, unavailable }) => surge + unavailable > 0)
  .map(
    ({
      instances,
      surge,
      unavailable,
      pauseAfter,
      routed,
      formerly,
      switched,
      seen,
      spareSlots,
      sticky,
      needing,
      lost: removed,
    }): Scene => {
      const desired = desiredService({
        instances,
        strategy: { kind: 'rolling', surge, unavailable, pause_after: pauseAfter },
        routes: routed ? [{ proxy: 'edge', backend: 'api', port: 8080 }] : [],
        ...(routed && sticky && { fronts: [stickyFront] }),
        ...(needing && { needs: [someNeed] }),
      });
      const backend = routed ? 'api' : undefined;
      const former = { 'the same': backend, unrouted: undefined, api: 'api', former: 'former' }[formerly];
      const set = routed && switched ? setAt(switched) : undefined;
      const present = seen.map((one, index) =>
        set
          ? observeInSet(one, { index, set })
          : observe(one, { index, backend: one.fingerprint === 'new' ? backend : former }),
      );
      const lost = Array.from({ length: former ? removed : 0 }, (_, index) => ({
        name: `lost-${index}`,
        ports: { 8080: 20_900 + index },
        slots: [inSet(set?.live ?? former!, 200 + index)],
      }));
      const freeSlots = (set ? [set.live, set.idle] : ['api']).flatMap((name) =>
        Array.from({ length: instances + surge + spareSlots }, (_, index) => inSet(name, 100 + index)),
      );
      if (set) {
        const sets = [set];
        return { desired, unrouted: [], observed: { ...empty, instances: present, lost, freeSlots, sets } };
      }
      const unrouted = [...(backend ? [] : ['new']), ...(former ? [] : ['old', 'older'])];
      return {
        desired,
        unrouted,
        observed: { ...empty, instances: present, lost, freeSlots },
      };
    },
  );

const canarySteps = fc.array(
  fc.record({ weight: fc.integer({ min: 1, max: 99 }), soak: fc.constantFrom(0, 60_000), approve: fc.boolean() }),
  { minLength: 1, maxLength: 3 },
);

/** The same hosts; instances have ports of the service's own, no more of them than may run at once. */
export const ownPortsScene: fc.Arbitrary<Scene> = scene.map(({ desired, observed, ...one }) => {
  const running = observed.instances.flatMap(({ state, published }) => (state === 'running' ? published : []));
  const held = [...running, ...(observed.lost ?? []).flatMap(({ ports }) => Object.values(ports))];
  const { surge } = desired.strategy as StrategyOf<'rolling'>;
  const more = Math.max(surge, desired.instances + surge - held.length);
  const hostPorts = [...held, ...Array.from({ length: more }, (_, index) => 9001 + index)];
  return { ...one, observed, desired: { ...desired, hostPorts } };
});

export const someConfig: DesiredConfig = {
  folder: '/shop',
  at: '2026-01-02T03:04:05.678Z',
  files: [{ file: '.env', mark: 'mark', keys: ['POOL', 'SHOP_VERSION'] }],
};

/** The same hosts, in a release that writes a configuration file. */
export const configScene: fc.Arbitrary<Scene> = scene.map((one) => ({ ...one, config: someConfig }));

/** The same hosts; where the strategy needs more room than a rolling one, there are slots for it. */
export const recreateScene: fc.Arbitrary<Scene> = scene.map((one) => ({
  ...one,
  desired: { ...one.desired, strategy: { kind: 'recreate' } },
}));

/** The same hosts with ports of the service's own, of which none is to spare. */
export const inPlaceScene: fc.Arbitrary<Scene> = ownPortsScene.map((one) => ({
  ...one,
  desired: { ...one.desired, strategy: { kind: 'in-place' } },
}));

const match = { cookie: { name: 'beta' } };

/** The same hosts; half of them choose clients, who alone meet the canaries at first. */
export const canaryScene: fc.Arbitrary<Scene> = fc
  .tuple(scene, canarySteps, fc.boolean())
  .filter(([{ desired }]) => desired.routes.length > 0)
  .map(([{ desired, observed, unrouted }, [first, ...rest], chooses]) => ({
    unrouted,
    desired: {
      ...desired,
      strategy: chooses
        ? { kind: 'canary', match, steps: [{ ...first!, weight: 0 }, ...rest] }
        : { kind: 'canary', steps: [first!, ...rest] },
    },
    observed: { ...observed, freeSlots: manySlots(observed.sets) },
  }));

/** The same hosts, with as many fresh instances of the version before beside the canaries. */
export const baselineScene: fc.Arbitrary<Scene> = canaryScene
  .filter(({ desired, observed }) =>
    observed.instances.every(({ fingerprint, revision, traffic }) =>
      fingerprint === desired.fingerprint ? traffic === 'in' : revision > 0,
    ),
  )
  .map(({ desired, observed, ...one }) => {
    const steps = desired.strategy.kind === 'canary' ? desired.strategy.steps : [];
    const revisions = [...new Set(observed.instances.map(({ revision }) => revision))].map((number) => ({
      task: { kind: 'run' as const },
      number,
      state: 'recorded' as const,
      desired,
    }));
    const halved = steps.map(({ weight, ...step }) => ({ ...step, weight: Math.max(1, Math.ceil(weight / 2.1)) }));
    const strategy = { kind: 'canary' as const, steps: halved, baseline: true };
    return { ...one, observed: { ...observed, revisions }, desired: { ...desired, strategy } };
  });

const manySlots = ([set]: ObservedSets[] = []): Slot[] =>
  (set ? [set.live, set.idle] : ['api']).flatMap((name) =>
    Array.from({ length: 20 }, (_, index) => inSet(name, 100 + index)),
  );

/** Two sets of servers by a map; what a crash can leave in each of them. */
export const blueGreenScene: fc.Arbitrary<Scene> = fc
  .record({
    instances: fc.integer({ min: 1, max: 4 }),
    warm: fc.constantFrom(0, 60_000),
    live: fc.constantFrom('api-blue', 'api-green', 'api'),
    serving: fc.constantFrom('new', 'old', 'none'),
    serve: fc.integer({ min: 1, max: 4 }),
    idle: fc.array(
      fc.record({
        fingerprint: fc.constantFrom('new', 'old', 'older'),
        state: fc.constantFrom('running' as const, 'running' as const, 'exited' as const),
        traffic: fc.constantFrom('draining' as const, 'out' as const),
        placed: fc.boolean(),
      }),
      { maxLength: 5 },
    ),
  })
  .map(({ instances, warm, live, serving, serve, idle }): Scene => {
    const set = setAt(live);
    const other = set.idle;
    const present = Array.from({ length: serving === 'none' ? 0 : serve }, (_, index) =>
      instance({
        name: `shop-api-r1-${index + 1}`,
        fingerprint: serving,
        ports: { 8080: 20000 + index },
        slots: [inSet(live, index + 1)],
      }),
    );
    const left = idle.map((one, index) =>
      instance({
        name: `shop-api-r0-${index + 1}`,
        fingerprint: one.fingerprint,
        state: one.state,
        ports: { 8080: 20050 + index },
        traffic: one.placed && one.state === 'running' ? one.traffic : 'out',
        slots: one.placed && one.state === 'running' ? [inSet(other, index + 1)] : [],
      }),
    );
    const free = [live, other].flatMap((backend) =>
      Array.from({ length: 6 }, (_, index) => inSet(backend, 100 + index)),
    );
    return {
      desired: desiredService({ instances, strategy: { kind: 'blue-green', warm }, needs: [someNeed] }),
      unrouted: [],
      observed: {
        ...empty,
        instances: [...present, ...left],
        freeSlots: free,
        sets: [set],
      },
    };
  });

/** Two routes. A release that was terminated in the middle of its switch has turned only the first one. */
export const apartScene: fc.Arbitrary<Scene> = fc
  .record({
    instances: fc.integer({ min: 1, max: 3 }),
    strategy: fc.constantFrom<DesiredStrategy[]>(
      { kind: 'blue-green', warm: 0 },
      { kind: 'blue-green', warm: 60_000 },
      { kind: 'rolling', surge: 1, unavailable: 0 },
      { kind: 'recreate' },
    ),
    wanted: fc.constantFrom('before', 'begun', 'another'),
    first: fc.constantFrom('api-blue', 'api-green', 'api'),
  })
  // Servers of the one backend that was there before are not handed out any more.
  .filter(({ strategy, wanted, first }) => first !== 'api' || strategy.kind === 'blue-green' || wanted !== 'another')
  .map(({ instances, strategy, wanted, first }): Scene => {
    const keys = ['api', 'admin'];
    const from = first.slice('api'.length);
    const to = from === '-green' ? '-blue' : '-green';
    const sets = keys.map((key, index): ObservedSets => {
      const [live, idle] = index === 0 ? [to, from || '-blue'] : [from, to];
      return { proxy: 'edge', key, live: `${key}${live}`, idle: `${key}${idle}` };
    });
    const on = (side: string, revision: number, fingerprint: string) =>
      Array.from({ length: instances }, (_, index) =>
        instance({
          name: `shop-api-r${revision}-${index + 1}`,
          revision,
          fingerprint,
          ports: { 8080: 20000 + 10 * revision + index },
          slots: keys.map((key) => inSet(`${key}${side}`, index + 1)),
          traffic: fingerprint === 'new' ? 'draining' : 'in',
        }),
      );
    const before = desiredService({ fingerprint: wanted === 'before' ? 'new' : 'old' });
    const begun = desiredService({ fingerprint: wanted === 'begun' ? 'new' : 'older' });
    return {
      desired: desiredService({
        instances,
        strategy,
        routes: keys.map((backend) => ({ proxy: 'edge', backend, port: 8080 })),
      }),
      unrouted: [],
      observed: {
        ...empty,
        head: 1,
        revisions: [
          { task: { kind: 'run' }, number: 1, state: 'recorded', desired: before },
          { task: { kind: 'run' }, number: 2, state: 'pending', desired: begun },
        ],
        nextRevision: 3,
        instances: [...on(from, 1, before.fingerprint), ...on(to, 2, begun.fingerprint)],
        freeSlots: sets.flatMap(({ live, idle }) =>
          [live, idle].flatMap((backend) =>
            Array.from({ length: instances + 1 }, (_, index) => inSet(backend, 100 + index)),
          ),
        ),
        sets,
      },
    };
  });

type Seen = Pick<ObservedInstance, 'fingerprint' | 'state' | 'traffic' | 'weighed'>;

function observe(
  { fingerprint, state, traffic, weighed }: Seen,
  { index, backend }: { index: number; backend?: string },
): ObservedInstance {
  const flow = backend ? traffic : state === 'running' ? 'in' : 'out';
  return instance({
    name: `shop-api-r1-${index + 1}`,
    fingerprint,
    state,
    traffic: flow,
    ports: { 8080: 20000 + index },
    slots: backend && flow !== 'out' ? [{ ...slot(index + 1), backend }] : [],
    ...(backend && flow !== 'out' && { weighed }),
  });
}

/** The map leads to no instance of another backend than the live one. */
function observeInSet(
  { at, ...one }: Seen & { at: 'live' | 'idle' | 'key' },
  { index, set }: { index: number; set: ObservedSets },
): ObservedInstance {
  const seen = observe(one, { index, backend: set[at] });
  return set[at] !== set.live && seen.traffic === 'in' ? { ...seen, traffic: 'out' } : seen;
}

/** A test of the whole platform at these moments. */
export const platformTest = (name: string, when: DesiredValidation['when']): DesiredValidation => ({
  name,
  when,
  status: 200,
  timeout: 1_000,
  asked: { kind: 'http', text: 'http://localhost/' },
});

/** Hosts of every strategy, on a platform that is tested as a whole. */
export const testedScene: fc.Arbitrary<Scene> = fc
  .tuple(
    fc.oneof(scene, configScene, recreateScene, inPlaceScene, canaryScene, blueGreenScene),
    fc.subarray(['before' as const, 'during' as const, 'after' as const], { minLength: 1 }),
  )
  .map(([one, when]) => ({ ...one, tests: [platformTest('smoke', when), platformTest('home', ['after'])] }));
