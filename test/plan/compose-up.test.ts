import type { DesiredService } from '../../src/model/desired';
import type { ObservedInstance } from '../../src/model/observed';
import type { LaunchStep } from '../../src/model/plan';
import { composeWarnings, meanwhileWarnings } from '../../src/plan/compose-up';
import { desiredService, instance } from './arbitraries';
import { shopPlan } from './shop';

const compose = (scale: number) => ({ scale, image: 'shop/api:2' });
const planFor = (desired: Partial<DesiredService>, instances: ObservedInstance[] = []) =>
  shopPlan({
    services: [desiredService({ routes: [], ...desired })],
    seen: { api: { fence: { epoch: 0 }, revisions: [], nextRevision: 2, freeSlots: [], instances } },
  });
const launched = (desired: Partial<DesiredService>, instances: ObservedInstance[] = []) =>
  planFor(desired, instances).steps.flatMap((step) => (step.kind === 'launch' ? [(step as LaunchStep).instance] : []));

describe('instances above the number that the Compose file says', () => {
  test('are launched as such that Compose does not count', () => {
    const found = launched({ instances: 3, compose: compose(1) });
    expect(found.map(({ uncounted }) => uncounted ?? false)).toEqual([false, true, true]);
    expect(launched({ instances: 2, compose: compose(2) }).some(({ uncounted }) => uncounted)).toBe(false);
    expect(launched({ instances: 2 }).some(({ uncounted }) => uncounted)).toBe(false);
  });

  test('are counted together with those that stay', () => {
    const stays = instance({ fingerprint: 'new', slots: [] });
    expect(launched({ instances: 2, compose: compose(1) }, [stays])).toMatchObject([{ uncounted: true }]);
    const [next] = launched({ instances: 2, compose: compose(1) }, [{ ...stays, uncounted: true }]);
    expect(next!.uncounted).toBeUndefined();
  });

  test('go before those that Compose counts', () => {
    const all = [
      instance({ fingerprint: 'new', slots: [], uncounted: true }),
      instance({ name: 'shop-api-r1-2', fingerprint: 'new', slots: [] }),
    ];
    const { steps } = planFor({ instances: 1, compose: compose(1) }, all);
    const gone = steps.flatMap((step) => (step.kind === 'retire' ? [step.instance.name] : []));
    expect(gone).toEqual(['shop-api-r1-1']);
  });

  test('are said, with what to write', () => {
    expect(planFor({ instances: 3, compose: compose(1) }).warnings).toContainEqual(
      expect.stringMatching(/^api: the Compose file says 1, and 3 are to run\. .* write scale: 3 for it in the/),
    );
    const [beside] = composeWarnings(desiredService({ task: { kind: 'run' }, compose: compose(1) }), {
      instances: [{ name: 'a' }, { name: 'b', uncounted: true }],
    });
    expect(beside).toMatch(/^the Compose file says 1, and 2 run\. docker compose up leaves them alone/);
  });
});

test('a release of an edited file says what docker compose up would do to it on its way', () => {
  const seen = [{ name: 'shop-api-r1-1', outdated: true as const }, { name: 'shop-api-r1-2' }];
  const desired = desiredService({ compose: compose(2) });
  expect(meanwhileWarnings(desired, seen)).toEqual([
    expect.stringMatching(/before this release has ended: .* would replace the instances/),
  ]);
  expect(meanwhileWarnings(desired, seen.slice(1))).toEqual([]);
  expect(meanwhileWarnings(desiredService(), seen)).toEqual([]);
});

test('what stays beside a release is not said to be without a way back', () => {
  const stays = instance({ fingerprint: 'new', slots: [], outdated: true });
  const { warnings } = planFor({ instances: 2, compose: compose(2) }, [stays]);
  expect(warnings).toEqual([expect.stringContaining('docker compose up would replace shop-api-r1-1, because')]);
});

describe('what docker compose up would change is said', () => {
  const desired = desiredService({ compose: compose(2) });
  const of = (count: number, more: object = {}) =>
    Array.from({ length: count }, (_, index) => ({ name: `shop-api-r1-${index + 1}`, ...more }));

  test('nothing, where all is as it expects', () => {
    expect(composeWarnings(desired, { instances: of(2) })).toEqual([]);
    expect(composeWarnings(desiredService(), { instances: of(5) })).toEqual([]);
  });

  test.each([
    [{ instances: of(1) }, 'docker compose up would start 1 more of it'],
    [{ instances: of(3) }, 'docker compose up would remove 1 of its 3 instances'],
    [{ instances: of(2, { outdated: true }) }, 'docker compose up would replace shop-api-r1-1, shop-api-r1-2'],
    [
      { instances: of(2), warm: { time: 5_430_000, instances: [] } },
      'while the former set is kept warm (1 h 30 min 30 s), docker compose up would remove',
    ],
  ])('of %j', (standing, words) => {
    expect(composeWarnings(desired, standing)).toEqual([expect.stringContaining(words)]);
  });
});
