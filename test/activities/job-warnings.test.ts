import { lockWarnings } from '../../src/resolve/job-warnings';
import { Spec } from '../../src/spec/spec';

const service = (more: object) =>
  Spec.parse({ platform: 'shop', services: { api: { image: 'api', ...more } } }).services.api!;
const migrated = service({ jobs: [{ name: 'expand', command: ['dbmate', 'up'] }] });
const url = { DATABASE_URL: 'postgres://shop:hunter2@db/shop' };

test('a job that reaches PostgreSQL without a limit for locks is named, with the variable and not its value', () => {
  const [warning, ...more] = lockWarnings(migrated, url);
  expect(more).toEqual([]);
  expect(warning).toContain('job expand reaches PostgreSQL (DATABASE_URL) without a lock_timeout');
  expect(warning).not.toContain('hunter2');
  expect(lockWarnings(service({ strategy: { kind: 'job' } }), { PGHOST: 'db' })[0]).toMatch(
    /^reaches PostgreSQL \(PGHOST\)/,
  );
});

test.each([
  ['the environment', migrated, { ...url, PGOPTIONS: '-c lock_timeout=5s' }],
  ['the address', migrated, { DATABASE_URL: `${url.DATABASE_URL}?options=-c%20lock_timeout%3D5s` }],
  ['the command', service({ jobs: [{ name: 'expand', command: ['psql', '-c', 'SET lock_timeout = 1000'] }] }), url],
])('a limit in %s is enough', (_, given, environment) => {
  expect(lockWarnings(given, environment)).toEqual([]);
});

test('neither a service without jobs nor another database is meant', () => {
  expect(lockWarnings(service({}), url)).toEqual([]);
  expect(lockWarnings(migrated, { DATABASE_URL: 'mysql://shop@db/shop' })).toEqual([]);
});
