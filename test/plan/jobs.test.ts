import fc from 'fast-check';
import type { DesiredJob, DesiredValidation, PlannedService } from '../../src/model/desired';
import type { ObservedRevision, ObservedService } from '../../src/model/observed';
import type { Plan, Step } from '../../src/model/plan';
import { isSkippable, describe as titleOf } from '../../src/model/steps';
import { smoke } from '../workflows/plans';
import { instance, platformTest, slot } from './arbitraries';
import { service, shopPlan } from './shop';

const minute = 60_000;
const expand: DesiredJob = { name: 'expand', when: 'before', command: ['migrate', 'up'], timeout: minute };
const contract: DesiredJob = { name: 'contract', when: 'after', command: ['migrate', 'drop'], timeout: minute };
const undone = (job: DesiredJob): DesiredJob => ({ ...job, undo: ['migrate', 'down'] });

const migrate = (more: Partial<DesiredJob> = {}): PlannedService => ({
  ...service('migrate', { instances: 0, routes: [], strategy: { kind: 'job' } }),
  jobs: [{ name: 'migrate', when: 'before', timeout: minute, ...more }],
});
const waitsFor = (name: string) => ({ after: [{ service: name, condition: 'completed' as const }] });

const revision = (number: number, desired: PlannedService, more: Partial<ObservedRevision> = {}): ObservedRevision => ({
  task: { kind: 'run' },
  number,
  state: 'recorded',
  desired,
  ...more,
});

/** One old instance in traffic, and a free server. */
const seen = (one: PlannedService, revisions?: ObservedRevision[]): ObservedService => {
  const isJob = one.strategy.kind === 'job';
  const all = revisions ?? [revision(1, { ...one, fingerprint: 'old' })];
  return {
    fence: { epoch: 0 },
    head: all.at(-1)!.number,
    revisions: all,
    instances: isJob
      ? []
      : [instance({ name: `shop-${one.service}-r1-1`, slots: [{ ...slot(1), backend: one.service }] })],
    nextRevision: all.at(-1)!.number + 1,
    freeSlots: isJob ? [] : [{ ...slot(2), backend: one.service }],
  };
};

const plan = (
  services: PlannedService[],
  observed: Record<string, ObservedService> = {},
  tests: DesiredValidation[] = [],
): Plan =>
  shopPlan({
    services,
    tests,
    seen: Object.fromEntries(services.map((one) => [one.service, observed[one.service] ?? seen(one)])),
  });

/** Ids of all steps before one, by their needs. */
function before(steps: Step[], id: string): Set<string> {
  const needs = new Map(steps.map((step) => [step.id, step.needs]));
  const found = new Set(needs.get(id));
  for (const one of found) for (const need of needs.get(one) ?? []) found.add(need);
  return found;
}
const comesBefore = (steps: Step[], first: string, second: string): boolean => before(steps, second).has(first);
const idsOf = (steps: Step[], kind: Step['kind']) => steps.filter((step) => step.kind === kind).map(({ id }) => id);

describe('a job before the change', () => {
  const { steps, undo } = plan([service('api', { jobs: [expand] }), service('web')]);
  const job = 'api/job/expand';

  test('runs an instance of the new revision under a name of its own', () => {
    expect(steps.find(({ id }) => id === job)).toMatchObject({
      kind: 'job',
      instance: { name: 'shop-api-r2-job-expand', job: 'expand', revision: 2, ports: {}, slots: [] },
      command: ['migrate', 'up'],
      fingerprint: 'new',
    });
    expect(titleOf(steps.find(({ id }) => id === job)!)).toBe('run job expand: migrate up');
  });

  test('comes once everything is prepared, and before any change of any service', () => {
    for (const id of ['api/configure', 'web/configure', 'web/pull']) expect(comesBefore(steps, id, job)).toBe(true);
    const changes = steps.filter(({ kind }) => ['launch', 'swap', 'drain', 'retire'].includes(kind));
    expect(changes.map(({ id }) => [id, comesBefore(steps, job, id)])).toEqual(changes.map(({ id }) => [id, true]));
  });

  test('is ended on the way back, after everything else and before its configuration goes', () => {
    const back = 'api/undo/job/expand';
    expect(titleOf(undo.find(({ id }) => id === back)!)).toBe('end job expand, if it still runs');
    for (const id of [...idsOf(undo, 'launch'), ...idsOf(undo, 'retire')])
      expect(comesBefore(undo, id, back)).toBe(true);
    expect(comesBefore(undo, back, 'api/undo/configure')).toBe(true);
  });
});

test('jobs of a service run one after the other', () => {
  const { steps } = plan([service('api', { jobs: [expand, { ...expand, name: 'seed' }] })]);
  expect(comesBefore(steps, 'api/job/expand', 'api/job/seed')).toBe(true);
});

describe('a job after the change', () => {
  const { steps, undo } = plan([
    service('api', { jobs: [undone(contract)] }),
    service('old', { instances: 0, task: { kind: 'remove' }, routes: [], fingerprint: 'old' }),
    service('web'),
  ]);
  const job = 'api/job/contract';

  test('comes once no former instance of any service runs, and before anything is recorded', () => {
    for (const id of idsOf(steps, 'retire')) expect(comesBefore(steps, id, job)).toBe(true);
    for (const id of idsOf(steps, 'record')) expect(comesBefore(steps, job, id)).toBe(true);
  });

  test('is taken back before a former instance starts again', () => {
    const back = 'api/undo/job/contract';
    expect(titleOf(undo.find(({ id }) => id === back)!)).toBe('undo job contract: migrate down');
    for (const id of idsOf(undo, 'launch')) expect(comesBefore(undo, back, id)).toBe(true);
  });

  test('is watched by those who see that new instances stay up', () => {
    const watch = steps.find((step) => step.kind === 'validate' && step.service === 'api');
    expect(watch).toMatchObject({ until: expect.arrayContaining([job]) });
  });
});

describe('a point of no return', () => {
  const { steps, undo } = plan([service('api', { jobs: [{ ...contract, point_of_no_return: true }] }), service('web')]);

  test('waits for an approval, which comes as late as the job itself', () => {
    const gate = 'api/approve/job/contract';
    expect(steps.find(({ id }) => id === 'api/job/contract')).toMatchObject({
      irreversible: true,
      needs: expect.arrayContaining([gate]),
    });
    for (const id of idsOf(steps, 'retire')) expect(comesBefore(steps, id, gate)).toBe(true);
    expect(titleOf(steps.find(({ id }) => id === 'api/job/contract')!)).toContain('(point of no return)');
  });

  test('has no way back', () => {
    expect(idsOf(undo, 'job')).toEqual([]);
  });
});

describe('a service that is a job', () => {
  test('runs before what waits for it, and before everything else that can wait', () => {
    const { steps, lasting } = plan([service('api', waitsFor('migrate')), migrate(), service('web')]);
    for (const id of [...idsOf(steps, 'launch'), ...idsOf(steps, 'retire')])
      expect(comesBefore(steps, 'migrate/job/migrate', id)).toBe(true);
    expect(lasting).toEqual(['migrate']);
    expect(steps.filter(({ service }) => service === 'migrate').map(({ kind }) => kind)).toEqual([
      'claim',
      'preflight',
      'pull',
      'configure',
      'job',
      'record',
      'cleanup',
    ]);
  });

  test('waits for what it waits for: a database that is changed in the same release', () => {
    const { steps } = plan([
      service('db'),
      { ...migrate(), after: [{ service: 'db', condition: 'healthy' }] },
      service('api', waitsFor('migrate')),
    ]);
    expect(comesBefore(steps, 'db/swap/shop-db-r2-1', 'migrate/job/migrate')).toBe(true);
    expect(comesBefore(steps, 'migrate/job/migrate', 'api/launch/shop-api-r2-1')).toBe(true);
  });

  test('does not stay in its revision if it can be taken back', () => {
    expect(plan([migrate({ undo: ['migrate', 'down'] })]).lasting).toEqual([]);
  });

  test('has nothing to do if nothing has changed, or if another tool has run it so', () => {
    const same = migrate();
    expect(plan([same], { migrate: seen(same, [revision(1, same)]) }).steps).toEqual([]);
    const unknown = { ...seen(same), head: undefined, revisions: [], nextRevision: 1 };
    expect(plan([{ ...same, ran: true }], { migrate: unknown }).steps).toEqual([]);
    // What Belay has run since is newer.
    expect(idsOf(plan([{ ...same, ran: true }]).steps, 'job')).toHaveLength(1);
  });
});

test('a job that can tell whether anything is pending is asked first', () => {
  const job = { ...undone(expand), pending: ['migrate', 'status'] };
  const { steps, undo } = plan([service('api', { jobs: [job] })]);
  expect(idsOf(steps, 'job')).toEqual(['api/job/expand.pending', 'api/job/expand']);
  expect(steps.filter(({ kind }) => kind === 'job')).toMatchObject([
    { asks: true, command: ['migrate', 'status'] },
    { unless: { name: 'shop-api-r2-job-expand.pending' }, needs: expect.arrayContaining(['api/job/expand.pending']) },
  ]);
  expect(steps.filter(({ kind }) => kind === 'job').map(titleOf)).toEqual([
    'ask if anything is pending: migrate status',
    'run job expand: migrate up, if anything is pending',
  ]);
  expect(undo.filter(({ kind }) => kind === 'job').map(titleOf)).toEqual([
    'end job expand.pending, if it still runs',
    'undo job expand: migrate down',
  ]);
});

test('neither a scaling nor a restart runs a job', () => {
  const api = service('api', { jobs: [expand] });
  const scaled = plan([{ ...api, instances: 2 }], { api: seen(api, [revision(1, api)]) });
  expect(idsOf(scaled.steps, 'launch').length).toBeGreaterThan(0);
  expect(idsOf(scaled.steps, 'job')).toEqual([]);
  const restarted = plan([{ ...api, fingerprint: 'again', task: { kind: 'take-again', revision: 1 } }], {
    api: seen(api, [revision(1, api, { ranJobs: ['expand'] })]),
  });
  expect(idsOf(restarted.steps, 'job')).toEqual([]);
});

describe('a rollback', () => {
  const jobs = [undone(expand), undone(contract), { ...expand, name: 'seed' }];
  const api = service('api', { jobs });
  const first = revision(1, { ...api, fingerprint: 'first' });
  const later = (more: Partial<ObservedRevision>) => revision(2, { ...api, fingerprint: 'old' }, more);
  const back = (...revisions: ObservedRevision[]) =>
    plan([{ ...api, fingerprint: 'first', task: { kind: 'take-again', revision: 1 } }], {
      api: seen(api, revisions),
    });

  test('takes back what ran after the change before it, and what ran before the change after it', () => {
    const { steps } = back(first, later({ ranJobs: ['expand', 'contract', 'seed'] }));
    expect(idsOf(steps, 'job')).toEqual(['api/job/undo/contract-r2', 'api/job/undo/expand-r2']);
    const [launch, retire] = [idsOf(steps, 'launch')[0]!, idsOf(steps, 'retire')[0]!];
    expect(comesBefore(steps, 'api/job/undo/contract-r2', launch)).toBe(true);
    expect(comesBefore(steps, retire, 'api/job/undo/expand-r2')).toBe(true);
    expect(steps.find(({ id }) => id === 'api/job/undo/expand-r2')).toMatchObject({
      instance: { name: 'shop-api-r2-job-expand.undo', revision: 2 },
      command: ['migrate', 'down'],
      reverts: { name: 'shop-api-r2-job-expand' },
    });
  });

  test('takes back what a release did that was terminated', () => {
    const { steps } = back(first, later({ ranJobs: ['expand'], state: 'pending' }));
    expect(idsOf(steps, 'job')).toEqual(['api/job/undo/expand-r2']);
  });

  test('may leave out what comes after the former version serves, and nothing before', () => {
    const { steps } = back(first, later({ ranJobs: ['expand', 'contract'] }));
    const skips = steps.filter((step) => step.kind === 'job').map((step) => [step.id, isSkippable(step)]);
    expect(skips).toEqual([
      ['api/job/undo/contract-r2', false],
      ['api/job/undo/expand-r2', true],
    ]);
  });

  test('takes back only what has run, in a revision that was not abandoned', () => {
    expect(idsOf(back(first, later({ ranJobs: [] })).steps, 'job')).toEqual([]);
    const abandoned = later({ ranJobs: ['expand'], state: 'abandoned' });
    expect(idsOf(back(first, abandoned, revision(3, { ...api, fingerprint: 'old' })).steps, 'job')).toEqual([]);
  });

  test('to before the first run of a service that is a job takes that back, and the next release runs it again', () => {
    const job = migrate({ undo: ['down'] });
    const ran = revision(2, job, { ranJobs: ['migrate'] });
    const { steps, services } = plan([{ ...job, task: { kind: 'remove', revision: 0 } }], {
      migrate: seen(job, [ran]),
    });
    expect(steps.map(({ kind }) => kind)).toEqual(['claim', 'preflight', 'job', 'record', 'cleanup']);
    expect(steps[2]).toMatchObject({ id: 'migrate/job/undo/migrate-r2', command: ['down'], reverts: { revision: 2 } });
    expect(services).toMatchObject([{ removed: true, job: true, reasons: ['it had not run before'] }]);
    const back = revision(3, { ...job }, { task: { kind: 'remove', revision: 0 } });
    const next = plan([job], { migrate: seen(job, [ran, back]) });
    expect(idsOf(next.steps, 'job')).toEqual(['migrate/job/migrate']);
    expect(next.services).toMatchObject([{ unchanged: false, reasons: ['its last run was taken back'] }]);
    const later = revision(4, job, { ranJobs: ['migrate'] });
    const again = plan([{ ...job, task: { kind: 'remove', revision: 3 } }], { migrate: seen(job, [ran, back, later]) });
    expect(idsOf(again.steps, 'job')).toEqual(['migrate/job/undo/migrate-r4']);
  });

  test('leaves what has run of a service that is taken out of the spec', () => {
    const gone: PlannedService = { ...api, instances: 0, task: { kind: 'remove' } };
    expect(idsOf(plan([gone], { api: seen(api, [first, later({ ranJobs: ['expand'] })]) }).steps, 'job')).toEqual([]);
  });
});

test.each([
  ['rolling with a pause', { kind: 'rolling', surge: 1, unavailable: 0, pause_after: 1 }],
  ['canary with an approval', { kind: 'canary', steps: [{ weight: 20, soak: 0, approve: true }] }],
] as const)("the gates of %s are no job's", (_, strategy) => {
  const api = service('api', {
    instances: 3,
    jobs: [{ ...contract, point_of_no_return: true }],
    strategy: strategy as PlannedService['strategy'],
  });
  const instances = [1, 2, 3].map((number) =>
    instance({
      name: `shop-api-r1-${number}`,
      ports: { 8080: 20_000 + number },
      slots: [{ ...slot(number), backend: 'api' }],
    }),
  );
  const freeSlots = [4, 5, 6].map((number) => ({ ...slot(number), backend: 'api' }));
  const { steps } = plan([api], { api: { ...seen(api), instances, freeSlots, heaviest: 256 } });
  expect(steps.filter(({ id }) => before(steps, id).has(id))).toEqual([]);
  expect(idsOf(steps, 'approve')).toHaveLength(2);
});

test('jobs after the change of two services run one after the other, there and back', () => {
  const { steps, undo } = plan([
    service('api', { jobs: [undone(contract)] }),
    service('web', { jobs: [undone(contract)] }),
  ]);
  expect(comesBefore(steps, 'api/job/contract', 'web/job/contract')).toBe(true);
  expect(comesBefore(undo, 'web/undo/job/contract', 'api/undo/job/contract')).toBe(true);
});

test('a change of a service that it restarts with runs no job, nor does belay set', () => {
  const head = service('api', { jobs: [expand], fingerprint: 'joined', own: 'mine' });
  const jobsOf = (more: Partial<PlannedService>) =>
    idsOf(plan([{ ...head, ...more }], { api: seen(head, [revision(1, head)]) }).steps, 'job');
  expect(jobsOf({ fingerprint: 'joined otherwise' })).toEqual([]);
  const values = { FEATURE: 'off' };
  expect(jobsOf({ own: undefined, fingerprint: 'set', overrides: { values, of: 'mine', was: {} } })).toEqual([]);
  expect(jobsOf({ own: 'other', fingerprint: 'joined' })).toEqual(['api/job/expand']);
});

/** Services whose dependencies point to earlier ones; each has jobs or none, or is one. */
const platform = fc
  .array(
    fc.record({
      jobs: fc.subarray([undone(expand), contract]),
      isJob: fc.boolean(),
      validate: fc.subarray([smoke('before'), { ...smoke('after'), name: 'late' }]),
      after: fc.array(fc.nat(5), { maxLength: 2 }),
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((all) =>
    all.map(({ jobs, isJob, validate, after }, index) => {
      const name = `s${index}`;
      const others = [...new Set(after.filter((one) => one < index))].map((one) => ({
        service: `s${one}`,
        condition: 'healthy' as const,
      }));
      const own = isJob
        ? { ...migrate(), service: name }
        : service(name, { validate, ...(jobs.length > 0 && { jobs }) });
      return { ...own, ...(others.length > 0 && { after: others }) };
    }),
  );

const moments: DesiredValidation['when'] = ['before', 'during', 'after'];

test('whatever the services wait for, no two steps ever wait for each other', () => {
  fc.assert(
    fc.property(platform, fc.subarray(moments), (services, when) => {
      const { steps, undo } = plan(services, {}, when.length > 0 ? [platformTest('smoke', when)] : []);
      for (const graph of [steps, undo])
        expect(graph.filter(({ id }) => before(graph, id).has(id)).map(({ id }) => id)).toEqual([]);
      const free = steps.filter(
        (step) =>
          step.kind === 'job' && step.when === 'before' && !services.find((one) => one.service === step.service)!.after,
      );
      const changes = steps.filter(({ kind }) => kind === 'launch' || kind === 'swap');
      for (const job of free) for (const change of changes) expect(comesBefore(steps, job.id, change.id)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('whatever the services wait for, no two steps of a rollback ever wait for each other', () => {
  fc.assert(
    fc.property(platform, fc.boolean(), (services, isFirst) => {
      const all = services.map((one) => {
        const own = { ...one, jobs: one.jobs?.map(undone) };
        const ran = revision(2, { ...own, fingerprint: 'old' }, { ranJobs: own.jobs?.map(({ name }) => name) });
        if (isFirst && own.strategy.kind === 'job') {
          const task = { kind: 'remove' as const, revision: 0 };
          return { desired: { ...own, task }, history: [ran] };
        }
        const desired = { ...own, fingerprint: 'first', task: { kind: 'take-again' as const, revision: 1 } };
        return { desired, history: [revision(1, { ...own, fingerprint: 'first' }), ran] };
      });
      const { steps } = plan(
        all.map(({ desired }) => desired),
        Object.fromEntries(all.map(({ desired, history }) => [desired.service, seen(desired, history)])),
      );
      expect(steps.filter(({ id }) => before(steps, id).has(id)).map(({ id }) => id)).toEqual([]);
      const changes = steps.filter(({ kind }) => kind === 'launch' || kind === 'swap');
      for (const job of steps.filter(({ id }) => id.includes('/job/undo/expand')))
        for (const change of changes) expect(comesBefore(steps, change.id, job.id)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
