import fc from 'fast-check';
import { BelayError } from '../../src/errors';
import type { StrategyOf } from '../../src/model/desired';
import type { ObservedInstance, ObservedService } from '../../src/model/observed';
import type { Plan, Step } from '../../src/model/plan';
import { stepsAhead } from './ahead';
import {
  apartScene,
  baselineScene,
  blueGreenScene,
  canaryScene,
  configScene,
  inPlaceScene,
  ownPortsScene,
  recreateScene,
  scene as rollingScene,
  type Scene,
  testedScene,
} from './arbitraries';
import { boundsOf } from './bounds';
import { plenty, shopPlan } from './shop';
import { carryOut, createWorld, type World } from './world';

const choices = fc.array(fc.nat(50), { minLength: 1, maxLength: 40 });
/** Each run has a seed of its own, which a failure prints. */
const runs = { numRuns: 200 };
const scenes = {
  rolling: rollingScene,
  'rolling at its own ports': ownPortsScene,
  'rolling with a configuration file': configScene,
  recreate: recreateScene,
  'in place': inPlaceScene,
  canary: canaryScene,
  'canary with a baseline': baselineScene,
  'blue-green': blueGreenScene,
  'any strategy, on a tested platform': testedScene,
};

/** A port that an instance has is not free. */
function planOf({ desired, observed, config, tests }: Scene): Plan {
  const held = observed.instances.flatMap(({ published }) => published);
  const freePorts = plenty.filter((port) => !held.includes(port));
  return shopPlan({ services: [desired], seen: { api: observed }, freePorts, config, tests });
}

const worldOf = (given: Scene): World =>
  createWorld(given.observed, { ...boundsOf(given), configured: given.config !== undefined });

/** Plays the release on the scene, as far as it gets; the world itself objects to a broken bound. */
function released(given: Scene, choices: number[], limit?: number): World {
  const world = worldOf(given);
  carryOut(planOf(given).steps, { world, choices, limit });
  return world;
}

/** The same, and undone from wherever it got. */
function releasedAndUndone(
  given: Scene,
  { order, back, limit }: { order: number[]; back: number[]; limit: number },
): World {
  const world = worldOf(given);
  const { steps, undo } = planOf(given);
  const started = carryOut(steps, { world, choices: order, limit }).map((step) => step.id);
  const ways = undo.filter((step) => started.includes(step.undoes!));
  carryOut(ways, { world, choices: back });
  return world;
}

const laterScene = (scene: Scene, world: World): Scene => ({
  ...scene,
  observed: {
    ...scene.observed,
    ...seenAgain(scene, world),
    nextRevision: scene.observed.nextRevision + 1,
  } satisfies ObservedService,
});

function seenAgain({ unrouted }: Scene, world: World): ReturnType<World['observe']> {
  const { instances, ...rest } = world.observe();
  const inTraffic = (one: ObservedInstance) => one.state === 'running' && unrouted.includes(one.fingerprint);
  return { ...rest, instances: instances.map((one) => (inTraffic(one) ? { ...one, traffic: 'in' } : one)) };
}

function expectSpec({ desired, observed }: Scene, world: World): void {
  const isWarm = ({ name }: ObservedInstance) =>
    desired.strategy.kind === 'blue-green' &&
    desired.strategy.warm > 0 &&
    servingNames(observed.instances).includes(name);
  const all = world.observe().instances;
  const seen = all.filter((one) => one.traffic === 'in' || !isWarm(one));
  expect(all.filter((one) => one.weighed)).toEqual([]);
  expect(seen).toHaveLength(desired.instances);
  expect(seen.every((one) => one.fingerprint === 'new' && one.state === 'running' && one.traffic === 'in')).toBe(true);
}

const asking = 'api/validate/needs';

/** True for a step after which the new version may have users. */
function meetsUsers(step: Step, { desired }: Scene): boolean {
  if (desired.routes.length === 0) return step.kind === 'launch';
  if (desired.strategy.kind === 'blue-green') return step.kind === 'switch';
  return step.kind === 'swap' && step.enter?.revision === 2;
}

const serving = (instances: ObservedInstance[]) =>
  instances.filter((one) => one.state === 'running' && one.traffic === 'in');

const servingNames = (instances: ObservedService['instances']): string[] =>
  serving(instances)
    .map((one) => one.name)
    .sort();

const sharesIn = (instances: ObservedService['instances']) =>
  Object.fromEntries(serving(instances).map(({ name, weighed = {} }) => [name, { ...weighed }]));

describe.each(Object.entries(scenes))('%s', (_, scene) => {
  describe('safety', () => {
    test('keeps its bounds, and drains before it stops, in every order of steps', () => {
      fc.assert(
        fc.property(scene, choices, (given, order) => {
          released(given, order);
        }),
        runs,
      );
    });

    test('brings no new version to users before what it needs was asked for again', () => {
      fc.assert(
        fc.property(scene, (given) => {
          const { steps } = planOf(given);
          const { needs, fingerprint } = given.desired;
          const isThere = ({ fingerprint: of, traffic }: ObservedInstance) => of === fingerprint && traffic === 'in';
          fc.pre(needs !== undefined && !given.observed.instances.some(isThere));
          const early = steps.filter((step) => meetsUsers(step, given) && !stepsAhead(steps, step.id).includes(asking));
          expect(early.map(({ id }) => id)).toEqual([]);
        }),
        { numRuns: 50 },
      );
    });

    test('names no step twice, and needs only steps of its own graph', () => {
      fc.assert(
        fc.property(scene, (given) => {
          const plan = planOf(given);
          for (const graph of [plan.steps, plan.undo]) {
            const ids = graph.map((step) => step.id);
            expect(new Set(ids).size).toBe(ids.length);
            expect(graph.flatMap((step) => step.needs).filter((need) => !ids.includes(need))).toEqual([]);
          }
        }),
        runs,
      );
    });

    test('has a way back for every step that changes what serves', () => {
      fc.assert(
        fc.property(scene, (given) => {
          const plan = planOf(given);
          const undone = new Set(plan.undo.map((step) => step.undoes));
          const missing = plan.steps.filter(
            (step) => changesWhatServes(step, given) && !undone.has(step.id) && !endsByLaunch(step, plan),
          );
          expect(missing.map((step) => step.id)).toEqual([]);
        }),
        runs,
      );
    });

    test('asks on the way back for nothing that the way there did not have', () => {
      fc.assert(
        fc.property(scene, (given) => {
          const { steps, undo } = planOf(given);
          const before = given.observed.instances.map((one) => ({ kind: 'retire', instance: one }) as unknown as Step);
          const known = new Set([...before, ...steps].flatMap(namesIn));
          expect(undo.flatMap(namesIn).filter((name) => !known.has(name))).toEqual([]);
          const asks = ['preflight', 'pull', 'validate', 'approve', 'soak'];
          expect(undo.filter(({ kind }) => asks.includes(kind)).map(({ id }) => id)).toEqual([]);
          const started = undo.flatMap((step) => (step.kind === 'launch' ? [step.instance.name] : []));
          expect(started.filter((name) => !given.observed.instances.some((one) => one.name === name))).toEqual([]);
        }),
        runs,
      );
    });

    test('keeps the same bounds on the way back, from wherever it turns', () => {
      fc.assert(
        fc.property(scene, choices, choices, fc.nat(60), (given, order, back, limit) => {
          releasedAndUndone(given, { order, back, limit });
        }),
        runs,
      );
    });
  });

  describe('liveness', () => {
    test('ends in the spec', () => {
      fc.assert(
        fc.property(scene, choices, (given, order) => {
          expectSpec(given, released(given, order));
        }),
        runs,
      );
    });

    test('ends in the spec also when a new release takes over what a crash left', () => {
      fc.assert(
        fc.property(scene, choices, choices, fc.nat(60), (given, first, second, limit) => {
          const left = laterScene(given, released(given, first, limit));
          expectSpec(left, released(left, second));
        }),
        runs,
      );
    });

    test('undoing any part of it ends in what served before', () => {
      fc.assert(
        fc.property(scene, choices, choices, fc.nat(60), (given, order, back, limit) => {
          const world = releasedAndUndone(given, { order, back, limit });
          expect(servingNames(world.observe().instances)).toEqual(servingNames(given.observed.instances));
        }),
        runs,
      );
    });

    test('undoing any part of it gives everyone the share that they had before', () => {
      fc.assert(
        fc.property(scene, choices, choices, fc.nat(60), (given, order, back, limit) => {
          const world = releasedAndUndone(given, { order, back, limit });
          expect(sharesIn(world.observe().instances)).toEqual(sharesIn(given.observed.instances));
        }),
        runs,
      );
    });

    test('undoing steps that were started but never took effect changes nothing', () => {
      fc.assert(
        fc.property(scene, choices, (given, back) => {
          const world = worldOf(given);
          carryOut(planOf(given).undo, { world, choices: back });
          expect(servingNames(world.observe().instances)).toEqual(servingNames(given.observed.instances));
        }),
        runs,
      );
    });

    test('has nothing to do when everything is as desired', () => {
      fc.assert(
        fc.property(scene, choices, (given, order) => {
          const settled = laterScene(given, released(given, order));
          const revisions = [1, 9].map((number) => ({
            number,
            state: 'recorded' as const,
            task: { kind: 'run' as const },
            desired: given.desired,
          }));
          expect(planOf({ ...settled, observed: { ...settled.observed, revisions, head: 9 } }).steps).toEqual([]);
        }),
        runs,
      );
    });
  });
});

describe('where a switch of two routes was cut in half', () => {
  test('nobody is without an answer on any route, there and back, in every order of steps', () => {
    fc.assert(
      fc.property(apartScene, choices, choices, fc.nat(60), (given, order, back, limit) => {
        const world = worldOf(given);
        const plan = planOf(given);
        const started = carryOut(plan.steps, { world, choices: order, limit }).map((step) => step.id);
        const undo = plan.undo.filter((step) => started.includes(step.undoes!));
        carryOut(undo, { world, choices: back });
        carryOut(plan.steps, { world: worldOf(given), choices: order });
      }),
      runs,
    );
  });

  test('ends in the spec, with all routes on one side', () => {
    fc.assert(
      fc.property(apartScene, choices, (given, order) => {
        const world = worldOf(given);
        carryOut(planOf(given).steps, { world, choices: order });
        const { sets, instances } = world.observe();
        expect(new Set(sets!.map(({ key, live }) => live.slice(key.length))).size).toBe(1);
        const serving = instances.filter((one) => one.traffic === 'in');
        expect(serving).toHaveLength(given.desired.instances);
        expect(serving.every((one) => one.fingerprint === 'new' && one.slots.length === 2)).toBe(true);
      }),
      runs,
    );
  });
});

describe('where there are few servers', () => {
  const fewScene = fc
    .tuple(fc.oneof(rollingScene, recreateScene, canaryScene), fc.integer({ min: 0, max: 3 }))
    .map(([given, few]): Scene => {
      const { freeSlots, sets } = given.observed;
      const live = freeSlots.filter(({ backend }) => !sets || sets.some((set) => set.live === backend));
      return { ...given, observed: { ...given.observed, freeSlots: live.slice(0, few) } };
    })
    .filter((given) => hasPlan(given));

  test('a server leads to an instance only once no other one has it, there and back', () => {
    let staged = 0;
    fc.assert(
      fc.property(fewScene, choices, choices, fc.nat(60), (given, order, back, limit) => {
        const bounds = { ...boundsOf(given), floor: 0 };
        const { steps, undo } = planOf(given);
        carryOut(steps, { world: createWorld(given.observed, bounds), choices: order });
        const world = createWorld(given.observed, bounds);
        const started = carryOut(steps, { world, choices: order, limit }).map((step) => step.id);
        carryOut(
          undo.filter((step) => started.includes(step.undoes!)),
          { world, choices: back },
        );
        expect(servingNames(world.observe().instances)).toEqual(servingNames(given.observed.instances));
        staged += steps.filter((step) => step.kind === 'launch' && step.stage).length;
      }),
      runs,
    );
    expect(staged).toBeGreaterThan(0);
  });

  function hasPlan(given: Scene): boolean {
    try {
      return planOf(given).steps.length > 0;
    } catch (error) {
      if (error instanceof BelayError && error.code === 'preflight-failed') return false;
      throw error;
    }
  }
});

test('a chosen client who has met the new version never meets the old one again, there and wherever it is resumed', () => {
  const isOld = ({ fingerprint }: ObservedInstance) => fingerprint !== 'new';
  const isChosen = ({ fingerprint, weighed }: ObservedInstance) => fingerprint === 'new' && weighed?.chosen === true;
  let met = 0;
  fc.assert(
    fc.property(canaryScene, choices, (given, order) => {
      const { strategy } = given.desired;
      const world = worldOf(given);
      fc.pre(strategy.kind === 'canary' && strategy.match !== undefined && world.serving().some(isChosen));
      // One that is too many may be the chosen one.
      fc.pre(world.live().filter((one) => !isOld(one)).length <= given.desired.instances);
      const { steps } = planOf(given);
      const apply = (step: Step) => {
        world.apply(step);
        if (!world.serving().some(isOld)) return;
        met += 1;
        expect([step.id, world.serving().some(isChosen)]).toEqual([step.id, true]);
      };
      carryOut(steps, { world: { ...world, apply }, choices: order });
    }),
    runs,
  );
  expect(met).toBeGreaterThan(0);
});

test('a canary weighs, soaks and asks as often as it is told to, however few instances there are', () => {
  fc.assert(
    fc.property(canaryScene, (given) => {
      const { desired, observed } = given;
      const isNew = (one: ObservedInstance) => one.state === 'running' && one.fingerprint === desired.fingerprint;
      fc.pre(servingNames(observed.instances).length > 0 && !observed.instances.some(isNew));
      const { steps, match } = desired.strategy as StrategyOf<'canary'>;
      const names = (asked: (one: (typeof steps)[number]) => boolean) =>
        steps.flatMap((one, index) => (asked(one) ? [`step-${index + 1}`] : []));
      const planned = planOf(given).steps;
      const made = (kind: Step['kind']) =>
        planned.flatMap((step) => (step.kind === kind ? [step.id.split('/').at(-1)] : []));
      expect(made('weigh')).toEqual([...names(() => true), 'even', ...(match ? ['anybody'] : [])]);
      expect(made('soak')).toEqual(names(({ soak }) => soak > 0));
      expect(made('approve')).toEqual(names(({ approve }) => approve));
    }),
    runs,
  );
});

/** True for a step that clears away what the launch in its place has ended, which has a way back of its own. */
const endsByLaunch = (step: Step, { steps }: Plan): boolean =>
  step.kind === 'retire' &&
  steps.some((one) => one.kind === 'launch' && sharesPorts(one.instance.ports, step.instance.ports));

const sharesPorts = (one: Record<string, number>, other: Record<string, number>): boolean =>
  Object.values(one).some((port) => Object.values(other).includes(port));

/** Instances, and servers of proxies. */
function namesIn(step: Step): string[] {
  const one = [step.kind === 'swap' ? [step.enter, step.leave] : [], 'instance' in step ? [step.instance] : []].flat();
  return one.flatMap((ref) =>
    ref ? [ref.name, ...ref.slots.map(({ proxy, backend, server }) => `${proxy}/${backend}/${server}`)] : [],
  );
}

/** Clearing away instances that do not serve (dead, half drained, left over) needs no undo step. */
function changesWhatServes(step: Step, { desired, observed }: Scene): boolean {
  const served = (name: string) =>
    observed.instances.some((one) => one.name === name && one.state === 'running' && one.traffic === 'in');
  const staysOutOfTraffic = (name: string) =>
    desired.strategy.kind === 'blue-green' && observed.instances.some((one) => one.name === name);
  switch (step.kind) {
    case 'claim':
    case 'configure':
    case 'launch':
      return true;
    case 'switch':
      return true;
    case 'swap':
      return step.enter ? !staysOutOfTraffic(step.enter.name) : served(step.leave!.name);
    case 'retire':
      return served(step.instance.name);
    default:
      return false;
  }
}
