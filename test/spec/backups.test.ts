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
  expect(parsed({ qdrant: {} }).data).toMatchObject({ qdrant: { port: 6333 } });
  const paths = ['/etc/shop', '/etc/shop-api', '/etc/systemd/system/shop-api.service'];
  expect(parsed({ files: { paths } }).data).toMatchObject({ files: { paths } });
});

test.each([
  [{}, /is not one backup — write exactly one of postgres, postgres_base, mysql, redis, qdrant, volume, folder, files/],
  [{ postgres: {}, redis: {} }, /is not one backup/],
  [{ postgres: { database: '-W' } }, /is not the name of a database/],
  [{ postgres: { user: '--help' } }, /is not the name of a user/],
  [{ volume: { path: 'data' } }, /is not a path/],
  [{ postgres_base: { wal: 'archive' } }, /is not a path/],
  [{ qdrant: { port: 0 } }, /expected number to be >=1/],
  [{ files: { paths: [] } }, /expected array to have >=1 items/],
  [{ files: { paths: ['/etc/shop/'] } }, /is not a path/],
  [{ files: { paths: ['/etc/../srv'] } }, /is not a path/],
  [{ files: { paths: ['/'] } }, /is not a path/],
  [{ files: { paths: ['/etc/shop', '/etc/shop/api.env'] } }, /names a path twice, or one inside another/],
  [{ files: { paths: ['/etc/shop', '/etc/shop'] } }, /names a path twice/],
  [{ folder: { path: '/a' }, encrypt: ['AGE-SECRET-KEY-1'] }, /is not a recipient/],
])('refuses %j', (data, words) => {
  expect(
    parsed(data)
      .error?.issues.map(({ message }) => message)
      .join(),
  ).toMatch(words);
});
