import { chosen } from '../../activities/planning/backup-choice';
import { chosenThing, refuseStopped } from '../../activities/planning/restore-choice';
import { restoreNotices, undoNotices } from '../../activities/planning/restore-words';
import type { Catalog, Manifest } from '../../src/backups';
import type { DesiredBackup } from '../../src/model/desired';
import { postgresOf } from '../workflows/backed-up';

const key = { platform: 'shop', service: 'db', kind: 'postgres', name: 'shop' };
const backup = (id: string, more: Partial<Manifest> = {}): Manifest => ({
  format: 1,
  id,
  ...key,
  started: '2026-11-30T01:00:00.000Z',
  ended: '2026-11-30T01:00:01.000Z',
  tools: {},
  file: `${id}.dump`,
  bytes: { dumped: 2_000_000, stored: 1_000_000 },
  sha256: 'f',
  compression: 'own',
  recipients: [],
  ...more,
});

describe('the backup to restore', () => {
  const store = { place: '/srv/backups' } as Parameters<typeof chosen>[1]['store'];
  const among = (catalog: Partial<Catalog>, id?: string) =>
    chosen({ backups: [], damaged: [], loose: [], ...catalog }, { key, store, id });
  const kept = backup('3', { replacedBy: 'r1' });
  const backups = [backup('1'), backup('2'), kept];

  test('is the newest one that is no copy of what a restore replaced, or the named one', () => {
    expect(among({ backups }).id).toBe('2');
    expect(among({ backups }, 'latest').id).toBe('2');
    expect(among({ backups }, '3')).toBe(kept);
  });

  test.each([
    ['input-invalid', 'there is no backup of postgres-shop of db in /srv/backups', {}, undefined],
    ['input-invalid', 'there is no backup 9 of postgres-shop of db', { backups }, '9'],
    [
      'backup-damaged',
      'no backup of postgres-shop of db can be used: shop/4.dump is missing',
      { damaged: ['shop/4.dump is missing'] },
      undefined,
    ],
    [
      'backup-damaged',
      'backup 4 of postgres-shop of db cannot be used: shop/4.dump is missing',
      { backups, damaged: ['shop/4.dump is missing'] },
      '4',
    ],
  ])('is refused as %s: %s', (code, message, catalog, id) => {
    expect(() => among(catalog, id)).toThrow(expect.objectContaining({ code, message }));
  });
});

test('a database that does not run is refused before anything is claimed, with the command that starts it', () => {
  const of = (state: 'running' | 'exited') => () =>
    refuseStopped({ ...postgresOf(), container: 'shop-db-1' }, { instances: [{ name: 'shop-db-1', state }] });
  expect(of('running')).not.toThrow();
  expect(of('exited')).toThrow(
    expect.objectContaining({ code: 'instance-lost', hint: 'start db first: docker start shop-db-1; then restore' }),
  );
});

describe('the thing to restore', () => {
  const cache: DesiredBackup = { ...postgresOf({ service: 'cache' }), what: { redis: { data: '/data' } } };
  const all = [postgresOf(), cache, { ...cache, service: 'db' }];
  const which = (service?: string, thing?: string) => chosenThing(all, { service, thing }, 'shop');

  test('is the only one of its service, or the named one', () => {
    expect(which('cache')).toBe(all[1]);
    expect(which('db', 'postgres-shop')).toBe(all[0]);
    expect(chosenThing([cache], {}, 'shop')).toBe(cache);
  });

  test.each([
    [
      '2 things of shop have backups',
      'name one: belay restore db --thing postgres-shop, belay restore db --thing redis-all',
      'db',
      undefined,
    ],
    ['cach: belay.yaml of shop has no backup of that', 'did you mean cache? There are: ', 'cach', undefined],
  ])('is refused: %s', (message, hint, service, thing) => {
    const refusal = {
      code: 'input-invalid',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint.slice(0, 30)),
    };
    expect(() => which(service, thing)).toThrow(expect.objectContaining(refusal));
  });
});

describe('the plan tells', () => {
  const seen = { backup: postgresOf(), writers: ['api'], now: Date.parse('2026-11-30T04:00:00Z') };

  const record = {
    format: 1 as const,
    id: 'r',
    manifest: backup('1'),
    state: 'replaced' as const,
    at: '2026-11-30T03:30:00.000Z',
    by: 'ann',
    reason: '',
    release: 'w',
  };

  test('which backup it is, how old, whether it was verified, and what stops', () => {
    const verified = { at: '2026-11-30T03:00:00.000Z', seconds: 1, rows: 1 };
    expect(restoreNotices(backup('1', { verified }), seen)).toEqual([
      'db (postgres shop) becomes as it was at 2026-11-30 01:00:00 UTC: backup 1 (3 h old, 2.0 MB, verified 1 h ago)',
      'meanwhile api does not serve',
      'the present data is kept: belay restore --undo puts it back, until the next restore or belay restore --forget',
    ]);
    expect(restoreNotices(backup('1'), { ...seen, writers: [] })).toEqual(
      expect.arrayContaining([expect.stringContaining('never verified'), expect.stringContaining('nothing stops')]),
    );
  });

  test('what goes that an earlier restore has kept', () => {
    const earlier = { ...record, at: '2026-11-30T02:00:00.000Z' };
    expect(restoreNotices(backup('1'), { ...seen, last: earlier })).toContain(
      'what the restore 2 h ago by ann has kept is removed at the end',
    );
  });

  test('what an undo puts back', () => {
    expect(undoNotices(record, seen)[0]).toBe(
      'db (postgres shop) becomes as it was before the restore of backup 1, 30 min ago by ann',
    );
  });
});
