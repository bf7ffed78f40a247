import fc from 'fast-check';
import type { ObservedRevision } from '../../src/model/observed';
import { parseRetireInput } from '../../src/model/parse-request';
import { planRetire } from '../../src/plan/plan-retire';
import { blueGreenScene, desiredService, instance } from './arbitraries';
import { shopPlan } from './shop';

const revision = (number: number, fingerprint: string, state: ObservedRevision['state'] = 'recorded') => ({
  number,
  state,
  task: { kind: 'run' as const },
  desired: desiredService({ fingerprint, strategy: { kind: 'blue-green', warm: 60_000 } }),
});

/** Returns the steps that retire the set before revision 2, whose instances are out of traffic. */
function retired(revisions: ObservedRevision[], head: number, isLost = false): string[] {
  const warm = instance({ name: 'shop-api-r1-1', fingerprint: 'a', traffic: 'out' });
  const { name, ports, slots } = warm;
  const seen = isLost ? { instances: [], lost: [{ name, ports, slots }] } : { instances: [warm] };
  const services = [{ ...revisions.find(({ number }) => number === 2)!.desired, task: { kind: 'run' as const } }];
  const { steps } = planRetire({
    input: {
      desired: {
        platform: 'shop',
        services,
        proxies: {},
        ports: { first: 20_000, last: 20_999 },
        source: { folder: '', versions: {}, files: {} },
      },
      observed: {
        host: 'h',
        engine: 'e',
        freePorts: [],
        proxies: {},
        services: {
          api: { fence: { epoch: 1 }, head, revisions, nextRevision: 9, ...seen, freeSlots: [] },
        },
      },
    },
    revision: 2,
    instances: [{ name: warm.name, revision: 1, ports: warm.ports, slots: warm.slots }],
  });
  return steps.map(({ kind }) => kind);
}

test('ends a warm set while what has replaced it runs, whatever became of its number', () => {
  const gone = ['claim', 'swap', 'drain', 'retire', 'record'];
  expect(retired([revision(1, 'a'), revision(2, 'b')], 2)).toEqual(gone);
  expect(retired([revision(1, 'a'), revision(2, 'b'), revision(3, 'b')], 3)).toEqual(gone);
  expect(retired([revision(1, 'a'), revision(2, 'b'), revision(3, 'c', 'abandoned'), revision(4, 'b')], 4)).toEqual(
    gone,
  );
});

test('frees the server of a warm instance that somebody has removed', () => {
  expect(retired([revision(1, 'a'), revision(2, 'b')], 2, true)).toEqual(['claim', 'swap', 'drain', 'record']);
});

test('leaves a set alone that has become warm anew: another release has gone back and there again', () => {
  expect(retired([revision(1, 'a'), revision(2, 'b'), revision(3, 'a')], 3)).toEqual([]);
  expect(retired([revision(1, 'a'), revision(2, 'b'), revision(3, 'a'), revision(4, 'b')], 4)).toEqual([]);
});

test('takes a warm set as a release hands it over, also instances that Compose does not count', () => {
  let handed = 0;
  fc.assert(
    fc.property(blueGreenScene, ({ desired, observed }) => {
      const instances = observed.instances.map((one) => ({ ...one, uncounted: true as const }));
      const { steps } = shopPlan({ services: [desired], seen: { api: { ...observed, instances } } });
      for (const step of steps) {
        if (step.kind !== 'warm') continue;
        const { service, revision, time } = step;
        const request = { platform: 'shop', service, revision, instances: step.instances, after: time };
        expect(parseRetireInput(request).instances).toEqual(step.instances);
        handed += 1;
      }
    }),
  );
  expect(handed).toBeGreaterThan(0);
});
