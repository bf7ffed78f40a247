import type { PinnedImage } from '../../src/model/artifact';
import type { DesiredStrategy, Front, PlannedService } from '../../src/model/desired';
import type { ObservedService } from '../../src/model/observed';
import type { Plan, StepOf } from '../../src/model/plan';
import { plan as planned, shop } from '../workflows/plans';
import { stepsAhead } from './ahead';
import { shopPlan } from './shop';

const version = { http: '/version', port: 8080, told: { json: 'version', version: '2' } };
const front = { proxy: 'edge', backend: 'api', host: '*', port: 80, shared: true };

function plan(service: Partial<PlannedService>, listening: ObservedService['listening'] = [front]): Plan {
  const { desired, observed } = shop({ version, ...service });
  return shopPlan({ services: desired, seen: { api: { ...observed.services.api!, listening } } });
}

const told = ({ steps }: Plan) =>
  steps.filter((step): step is StepOf<'validate'> => step.kind === 'validate' && step.asked !== undefined);
const canary = (...weights: number[]): DesiredStrategy => ({
  kind: 'canary',
  steps: weights.map((weight) => ({ weight, soak: 0, approve: false })),
});

test('asks through the proxy once every instance is replaced, and before the record', () => {
  const made = plan({ instances: 2 });
  expect(told(made)).toMatchObject([
    {
      id: 'api/validate/told',
      asked: { version, fronts: [{ host: '127.0.0.1', port: 80, shared: true }], count: 20, every: true },
    },
  ]);
  const swaps = made.steps.filter(({ kind }) => kind === 'swap').map(({ id }) => id);
  expect(stepsAhead(made.steps, 'api/validate/told')).toEqual(expect.arrayContaining(swaps));
  expect(stepsAhead(made.steps, 'api/record')).toContain('api/validate/told');
  expect(made.notices).toEqual([]);
});

test('asks in each step of a canary as often as its share needs', () => {
  const made = plan({ instances: 4, strategy: canary(10, 50) });
  const [first, second, all] = told(made);
  expect([first, second, all].map((step) => step?.id)).toEqual([
    'api/validate/told/step-1',
    'api/validate/told/step-2',
    'api/validate/told',
  ]);
  for (const [step, weight] of [
    [first, 0.1],
    [second, 0.5],
  ] as const) {
    const { count, every } = step!.asked!;
    expect(every).toBeUndefined();
    const share = made.steps.flatMap((one) => (one.kind === 'weigh' && one.share ? [one.share] : []));
    const nearest = share.reduce((a, b) => (Math.abs(a - weight) < Math.abs(b - weight) ? a : b));
    expect((1 - nearest) ** count).toBeLessThanOrEqual(1e-6);
    expect((1 - nearest) ** (count - 1)).toBeGreaterThan(1e-6);
  }
});

test('asks no share of a proxy that keeps a client with one instance', () => {
  const made = plan({ instances: 4, strategy: canary(10) }, [{ ...front, shared: false }]);
  expect(told(made).map(({ id }) => id)).toEqual(['api/validate/told']);
});

test('says where it knows no address, and of another port', () => {
  const notice =
    'api: its version is asked at each instance, and not through proxy edge: no address is known at which it takes plain HTTP for port 8080 alone';
  expect(plan({}, [])).toMatchObject({ notices: [notice] });
  expect(told(plan({}, []))).toEqual([]);
  const other = plan({ version: { ...version, port: 8081 } });
  expect(other.notices).toEqual([notice.replace('8080', '8081')]);
  expect(plan({ routes: [] }, []).notices).toEqual([]);
  expect(planned({}).notices).toEqual([]);
});

test('asks a proxy that Belay runs at the port that it publishes', () => {
  const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {}, slots: 4 };
  const image = { ref: 'haproxy:3', digest: 'sha256:3', local: true };
  const fronts = (more: Partial<Front['routes'][number]>): Front[] => [
    { proxy: 'edge', image, routes: [{ ...route, ...more }] },
  ];
  const [step] = told(plan({ fronts: fronts({ hostPort: 8080, hostAddress: '0.0.0.0' }) }, []));
  expect(step?.asked?.fronts).toEqual([{ host: '127.0.0.1', port: 8080, shared: true }]);
  expect(told(plan({ fronts: fronts({}) }, []))).toEqual([]);
  expect(told(plan({ fronts: fronts({ hostPort: 8080, protocol: 'grpc' }) }, []))).toEqual([]);
});

test('asks nothing through the proxy on a way back', () => {
  const back = plan({ task: { kind: 'take-again', revision: 1 } });
  expect(told(back)).toEqual([]);
  expect(back.notices).toEqual([]);
});

describe('another tag of the image that runs', () => {
  const former = { ...version, told: { ...version.told, version: '1' } };
  const unchanged = (before: Partial<PlannedService>, more: Partial<PlannedService> = {}): Plan =>
    again(before, more, 'new');
  const again = (before: Partial<PlannedService>, more: Partial<PlannedService>, fingerprint: string): Plan => {
    const { desired, observed } = shop({ version, ...more });
    const { instances, revisions, ...rest } = observed.services.api!;
    const [head] = revisions;
    const artifact = { ...(desired[0]!.artifact as PinnedImage), ref: 'shop/api:1' };
    const kept = { ...head!, desired: { ...desired[0]!, artifact, version: former, ...before } };
    const running = instances.map((one) => ({ ...one, fingerprint }));
    return shopPlan({
      services: desired,
      seen: { api: { ...rest, instances: running, revisions: [kept], listening: [front] } },
    });
  };

  test('is nothing to do, and the plan says which version it goes on to tell', () => {
    expect(unchanged({})).toMatchObject({
      steps: [],
      notices: [
        'api: shop/api:2 is the image that runs already as shop/api:1: there is nothing to do, and the version that it tells stays 1',
      ],
    });
    expect(unchanged({ version: undefined }).notices).toEqual([expect.stringMatching(/tells stays the former one$/)]);
  });

  test('needs no word where the version is the same, or is not configured', () => {
    expect(unchanged({ version })).toMatchObject({ steps: [], notices: [] });
    expect(unchanged({}, { version: undefined })).toMatchObject({ steps: [], notices: [] });
  });

  test('beside another change makes new instances fail, and the plan says why', () => {
    const changed = (before: Partial<PlannedService>) => again({ fingerprint: 'old', ...before }, {}, 'old');
    expect(changed({}).notices).toEqual([
      'api: shop/api:2 is the image that runs already as shop/api:1: the version that it tells stays 1, and new instances are asked for 2: their probe fails unless another change of this release makes them tell it',
    ]);
    expect(changed({ version }).notices).toEqual([]);
    expect(changed({ version: undefined }).notices).toEqual([]);
    expect(changed({}).steps.map(({ kind }) => kind)).toContain('launch');
  });
});
