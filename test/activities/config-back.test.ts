import type { Revision } from '../../src/hosts/revision';
import type { DesiredConfig, Task } from '../../src/model/desired';
import { configBack } from '../../src/revisions/config-back';
import type { ChosenRevision } from '../../src/revisions/rollback-choice';
import type { ServicePast } from '../../src/revisions/rollback-past';
import { desiredService, someConfig } from '../plan/arbitraries';

const wrote = (at: string): DesiredConfig => ({ ...someConfig, at });

interface Past {
  number: number;
  previous?: number;
  config?: DesiredConfig;
  task?: Task;
  createdAt?: string;
  state?: Revision['state'];
}

const revision = ({ number, task = { kind: 'run' }, state = 'recorded', ...more }: Past): Revision => ({
  format: 2,
  number,
  state,
  task,
  desired: desiredService(),
  by: 'ann',
  reason: '',
  release: `r${number}`,
  createdAt: '2025-12-31T00:00:00.000Z',
  ...more,
});

function past(service: string, ...all: Past[]): ServicePast {
  const revisions = all.map(revision);
  const head = revisions.filter(({ state }) => state === 'recorded').at(-1)?.number;
  return { service, revisions, latest: revisions.at(-1)!, ...(head !== undefined && { head }) };
}

const to = (one: ServicePast, number: number): ChosenRevision => ({
  ...one,
  target: one.revisions.find((other) => other.number === number)!,
});

const [first, second] = [wrote('2026-01'), wrote('2026-02')];
const api = past(
  'api',
  { number: 1 },
  { number: 2, previous: 1, config: first },
  { number: 3, previous: 2 },
  { number: 4, previous: 3, config: second },
);

test('what the revisions that are left have written goes back, the latest first', () => {
  expect(configBack([api], [to(api, 3)])).toEqual({ restores: [second], warnings: [] });
  expect(configBack([api], [to(api, 1)])).toEqual({ restores: [second, first], warnings: [] });
});

test('a file stays while another service runs with it, and a warning names both', () => {
  const web = past('web', { number: 1 }, { number: 2, previous: 1, config: second });
  const stays = '.env (POOL, SHOP_VERSION) stays as it is: web runs on with what a release wrote there';
  expect(configBack([api, web], [to(api, 3)])).toEqual({ restores: [], warnings: [stays] });
  expect(configBack([api, web], [to(api, 3), to(web, 2)])).toEqual({ restores: [], warnings: [stays] });
  expect(configBack([api, web], [to(api, 3), to(web, 1)])).toEqual({ restores: [second], warnings: [] });
});

test('a file stays while another service was released after it was written, and found it so', () => {
  const later = { number: 2, previous: 1, createdAt: '2026-02-03T00:00:00.000Z' };
  const web = past('web', { number: 1 }, later);
  const stays = '.env (POOL, SHOP_VERSION) stays as it is: web runs on with what a release wrote there';
  expect(configBack([api, web], [to(api, 3)])).toEqual({ restores: [], warnings: [stays] });
  expect(configBack([api, web], [to(api, 3), to(web, 1)])).toEqual({ restores: [second], warnings: [] });
  const again: Task = { kind: 'take-again', revision: 1, previous: 1 };
  const restarted = past('web', { number: 1 }, { ...later, task: again });
  expect(configBack([api, restarted], [to(api, 3)])).toEqual({ restores: [second], warnings: [] });
});

test('a job has ended, and a removed service runs no more: neither keeps the file', () => {
  const written = { number: 2, previous: 1, config: second };
  const gone = past('web', { number: 1 }, { ...written, task: { kind: 'remove' } });
  const job = past('migrate', { number: 1 }, written);
  job.latest.desired = desiredService({ strategy: { kind: 'job' } });
  expect(configBack([api, gone, job], [to(api, 3)]).restores).toEqual([second]);
});

test('a job that goes back too does not keep the file', () => {
  const job = past('migrate', { number: 1, createdAt: '2026-03', config: second });
  job.latest.desired = desiredService({ strategy: { kind: 'job' } });
  expect(configBack([api, job], [to(api, 3), to(job, 1)])).toEqual({ restores: [second], warnings: [] });
});

test('a release that never ended counts too', () => {
  const begun = past(
    'api',
    { number: 1 },
    { number: 2, previous: 1, config: first, state: 'pending' },
    { number: 3, previous: 1, state: 'pending' },
  );
  expect(configBack([begun], [to(begun, 1)]).restores).toEqual([first]);
});

test('a rollback beyond a rollback goes by the revision that was taken again', () => {
  const again: Task = { kind: 'take-again', revision: 2, previous: 1 };
  const back = past('api', ...api.revisions, { number: 5, previous: 1, task: again });
  expect(configBack([back], [to(back, 1)])).toEqual({ restores: [first], warnings: [] });
});

test('a way to a newer revision writes nothing, and a warning says so', () => {
  const again: Task = { kind: 'take-again', revision: 3, previous: 2 };
  const back = past('api', ...api.revisions, { number: 5, previous: 2, task: again });
  expect(configBack([back], [to(back, 4)])).toEqual({
    restores: [],
    warnings: ['.env (POOL, SHOP_VERSION) stays as it is, and was another file then: look at belay migrate'],
  });
});
