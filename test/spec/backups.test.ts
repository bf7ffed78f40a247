import { Backup } from '../../src/spec/backups';

const parsed = (data: unknown) => Backup.safeParse(data);

test('a backup names one thing, and has defaults', () => {
  expect(parsed({ postgres: { database: 'shop' }, before: ['job', 'configure'], keep: 7 }).data).toEqual({
    postgres: { database: 'shop' },
    before: ['job', 'configure'],
    keep: 7,
    encrypt: [],
  });
  expect(parsed({ mysql: {}, keep_for: '30d' }).data).toMatchObject({
    mysql: { user: 'root' },
    keep: 7,
    keep_for: 2_592_000_000,
  });
  expect(parsed({ redis: {} }).data).toMatchObject({ redis: { data: '/data' } });
});

test.each([
  [{}, /is not one backup — write exactly one of postgres, mysql, redis, volume, folder/],
  [{ postgres: {}, redis: {} }, /is not one backup/],
  [{ postgres: { database: '-W' } }, /is not the name of a database/],
  [{ postgres: { user: '--help' } }, /is not the name of a user/],
  [{ volume: { path: 'data' } }, /is not a path/],
  [{ folder: { path: '/a' }, encrypt: ['AGE-SECRET-KEY-1'] }, /is not a recipient/],
])('refuses %j', (data, words) => {
  expect(
    parsed(data)
      .error?.issues.map(({ message }) => message)
      .join(),
  ).toMatch(words);
});
