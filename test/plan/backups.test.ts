import type { DesiredJob, FoundBackup, PlannedService } from '../../src/model/desired';
import type { Plan, Step } from '../../src/model/plan';
import { describe as titleOf } from '../../src/model/steps';
import { nameOf } from '../../src/plan/backups';
import { planBackup } from '../../src/plan/plan-backup';
import { planRelease } from '../../src/plan/plan-release';
import { postgresOf } from '../workflows/backed-up';
import { shop, smoke } from '../workflows/plans';
import { stepsAhead } from './ahead';

const minute = 60_000;
const expand: DesiredJob = { name: 'expand', when: 'before', command: ['migrate', 'up'], timeout: minute };
const contract: DesiredJob = { ...expand, name: 'contract', when: 'after' };
const [made, verified] = ['api/backup/db/postgres/shop', 'api/verify/db/postgres/shop'];

function planWith(backups: FoundBackup[], ...services: Array<Partial<PlannedService>>): Plan {
  const { desired, observed } = shop(...services);
  const site = { proxies: {}, ports: { first: 20_000, last: 20_999 } };
  const source = { folder: '/shop', versions: {}, files: {} };
  return planRelease({ desired: { platform: 'shop', ...site, source, services: desired, backups }, observed });
}

const idsOf = (steps: Step[], ...kinds: Array<Step['kind']>) =>
  steps.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id);

const api = { service: 'api', jobs: [expand] };
const web = { service: 'web' };

describe('a backup before a job', () => {
  const { steps, undo } = planWith([postgresOf()], api, web);

  test('hangs on the fence of a service that changes, and says what it does', () => {
    expect(steps.find(({ id }) => id === made)).toMatchObject({ service: 'api', epoch: 5, backup: { service: 'db' } });
    expect(steps.filter(({ id }) => [made, verified].includes(id)).map(titleOf)).toEqual([
      'back up db (postgres shop)',
      'restore the backup of db (postgres shop) into a scratch instance, and ask it',
    ]);
  });

  test('comes after everything that prepares, and before the first job, as its verification does', () => {
    for (const id of idsOf(steps, 'preflight', 'pull', 'configure')) expect(stepsAhead(steps, made)).toContain(id);
    expect(stepsAhead(steps, verified)).toContain(made);
    expect(stepsAhead(steps, 'api/job/expand')).toContain(verified);
    for (const id of idsOf(steps, 'launch', 'swap', 'retire')) expect(stepsAhead(steps, id)).toContain(verified);
  });

  test('is told to the preflight of that service, and has no undo', () => {
    const told = steps.filter((step) => step.kind === 'preflight' && step.backups);
    expect(told).toMatchObject([{ service: 'api', backups: [{ service: 'db', container: 'shop-db-1' }] }]);
    expect(idsOf(undo, 'backup', 'verify')).toEqual([]);
  });

  test('is left out of a release without a job, and of one that changes nothing', () => {
    expect(idsOf(planWith([postgresOf()], web).steps, 'backup')).toEqual([]);
  });

  test('comes after a gate and a run that only asks: it is as young as it can be', () => {
    const job = { ...expand, pending: ['migrate', 'status'], point_of_no_return: true as const };
    const { steps } = planWith([postgresOf()], { ...api, jobs: [job] });
    expect([...stepsAhead(steps, made)]).toEqual(
      expect.arrayContaining(['api/job/expand.pending', 'api/approve/job/expand']),
    );
    expect(stepsAhead(steps, 'api/job/expand.pending')).not.toContain(made);
  });

  test('comes directly before the job where a test of what runs comes before all, too', () => {
    const { steps } = planWith([postgresOf()], { ...api, validate: [smoke('before')] });
    expect(stepsAhead(steps, made)).toContain('api/validate/former/smoke');
    expect(stepsAhead(steps, made)).toContain('api/configure');
  });

  test('comes before every configuration if the only job comes after changes', () => {
    const { steps } = planWith([postgresOf()], { ...api, jobs: [contract] }, web);
    for (const id of idsOf(steps, 'configure', 'launch', 'job')) expect(stepsAhead(steps, id)).toContain(verified);
    for (const id of idsOf(steps, 'preflight', 'pull')) expect(stepsAhead(steps, made)).toContain(id);
  });
});

test('a backup before configure comes before that of every service, in any release', () => {
  const { steps } = planWith([postgresOf({ before: ['configure'], verify: undefined })], web, { service: 'db' });
  const own = 'db/backup/db/postgres/shop';
  for (const id of idsOf(steps, 'configure')) expect(stepsAhead(steps, id)).toContain(own);
  for (const id of idsOf(steps, 'preflight', 'pull')) expect(stepsAhead(steps, own)).toContain(id);
  expect(idsOf(steps, 'verify')).toEqual([]);
});

test('backups of one service follow each other, those of others are made beside them', () => {
  const volume = { what: { volume: { path: '/data' } }, verify: undefined };
  const { steps } = planWith([postgresOf(), postgresOf(volume), postgresOf({ service: 'crm' })], api);
  expect(stepsAhead(steps, 'api/backup/db/volume/data')).toContain(verified);
  expect(stepsAhead(steps, 'api/backup/crm/postgres/shop')).not.toContain(made);
  for (const id of idsOf(steps, 'backup', 'verify')) expect(stepsAhead(steps, 'api/job/expand')).toContain(id);
});

test.each([
  [{ postgres: { database: 'shop' } }, 'db/postgres/shop'],
  [{ postgres: {} }, 'db/postgres'],
  [{ volume: { path: '/var/lib/x' } }, 'db/volume/var-lib-x'],
])('a step is named by its thing: %j', (what, name) => {
  expect(nameOf(postgresOf({ what }))).toBe(name);
});

describe('a plan of backups', () => {
  const services = [
    { service: 'crm', epoch: 0, backups: [postgresOf({ service: 'crm', verify: undefined })] },
    { service: 'db', epoch: 4, head: 2, backups: [postgresOf()] },
    { service: 'idle', epoch: 1, backups: [] },
  ];
  const rest = { platform: 'shop', host: 'h', engine: 'e', warnings: [], takeOver: false };

  test('claims each service, and gives each back after its own', () => {
    const { steps, undo } = planBackup({ ...rest, services });
    expect(steps.map(({ id, needs, epoch }) => [id, needs, epoch])).toEqual([
      ['crm/claim', [], 1],
      ['crm/backup/crm/postgres/shop', ['db/claim'], 1],
      ['crm/record', ['crm/backup/crm/postgres/shop'], 1],
      ['db/claim', ['crm/claim'], 5],
      ['db/backup/db/postgres/shop', ['db/claim'], 5],
      ['db/verify/db/postgres/shop', ['db/backup/db/postgres/shop'], 5],
      ['db/record', ['db/verify/db/postgres/shop'], 5],
    ]);
    expect(steps.at(-1)).toMatchObject({ revision: 2, head: 2 });
    expect(undo.map(({ id, undoes, epoch }) => [id, undoes, epoch])).toEqual([
      ['crm/undo/claim', 'crm/claim', 2],
      ['crm/undo/record', 'crm/claim', 2],
      ['db/undo/claim', 'db/claim', 6],
      ['db/undo/record', 'db/claim', 6],
    ]);
  });

  test('verifies chosen ones and makes none, in a drill', () => {
    const { steps } = planBackup({ ...rest, services: services.slice(1), chosen: { 'db/postgres/shop': 'b1' } });
    expect(steps.map(({ kind }) => kind)).toEqual(['claim', 'verify', 'record']);
    expect(titleOf(steps[1]!)).toBe('restore backup b1 of db (postgres shop) into a scratch instance, and ask it');
  });
});
