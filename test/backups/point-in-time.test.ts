import type { Manifest } from '../../src/backups/manifest';
import { assertReachable, laterThan } from '../../src/backups/point-in-time';
import type { Source } from '../../src/backups/source';
import { archivedAs, firstSegment, recoverySettings, replayed } from '../../src/backups/sources/postgres-recovery';

const at = (hour: string) => `2026-11-30T${hour}:00:00.000Z`;
const made = (hour: string) => ({ id: hour, kind: 'postgres_base', started: at(hour), ended: at(hour) }) as Manifest;
const source = { pointInTime: true } as Source;

describe('a time to restore to', () => {
  test.each(['latest', at('03'), '2026-11-30T05:00:00+01:00'])('may be %s', (until) => {
    expect(() => assertReachable(source, made('03'), until)).not.toThrow();
  });

  test.each([
    ['2026-11-30T04:00:00', /is not a time$/],
    ['2026-11-30', /is not a time$/],
    ["yesterday's TZ", /is not a time$/],
    [at('02'), /^the backup 03 ended at 2026-11-30T03:00:00.000Z, after 2026-11-30T02/],
  ])('is not %s', (until, words) => {
    expect(() => assertReachable(source, made('03'), until)).toThrow(
      expect.objectContaining({ code: 'input-invalid', message: expect.stringMatching(words) }),
    );
  });

  test('is refused for a kind that has its own time only', () => {
    expect(() => assertReachable({} as Source, { ...made('03'), kind: 'redis' }, at('04'))).toThrow(
      /^a backup of redis restores to its own time only$/,
    );
  });

  test('needs backups up to the first one that began after it', () => {
    const backups = ['05', '01', '03', '02', '04'].map(made);
    const needed = (until: string) => laterThan(made('02'), backups, until).map(({ id }) => id);
    expect(needed('2026-11-30T03:30:00Z')).toEqual(['03', '04']);
    expect(needed('2026-11-30T09:00:00Z')).toEqual(['03', '04', '05']);
    expect(needed('latest')).toEqual(['03', '04', '05']);
  });
});

test('settings of an earlier recovery are replaced, and others stay', () => {
  const own = "# Do not edit\nwork_mem = '5MB'\nrecovery_target_time = 'x'\nrestore_command = 'cp'\nport = 1";
  const target = (text: string) => text.match(/^recovery_target(_time)? = .*$/gm);
  const once = recoverySettings(own, '2026-11-30T05:00:00+01:00');
  expect(once).toMatch(/^# Do not edit\nwork_mem = '5MB'\nport = 1\nrestore_command = 'false'\n/);
  expect(target(once)).toEqual(["recovery_target = ''", "recovery_target_time = '2026-11-30 04:00:00.000+00'"]);
  expect(target(recoverySettings(once, undefined))).toEqual([
    "recovery_target_time = ''",
    "recovery_target = 'immediate'",
  ]);
  expect(recoverySettings(recoverySettings(once, undefined), '2026-11-30T04:00:00Z')).toBe(once);
});

test('the log is found by the names of its files', () => {
  const from = '000000010000000000000002';
  expect(archivedAs(`./${from}`)).toBe(`wal_archive/${from}`);
  expect(archivedAs('./00000002.history')).toBe('wal_archive/00000002.history');
  expect(archivedAs(`./${from}.part`)).toBeUndefined();
  const until = 'latest';
  expect(replayed('pg_wal/000000020000000000000002', { from, until })).toBe('000000020000000000000002');
  expect(replayed('pg_wal/000000020000000000000001', { from, until })).toBeUndefined();
  expect(replayed(`pg_wal/${from}`, { from, until: undefined })).toBeUndefined();
  expect(firstSegment(`START WAL LOCATION: 0/2000028 (file ${from})\nLABEL: belay`)).toBe(from);
  expect(() => firstSegment('')).toThrow(/names no write-ahead log/);
});
