import fc from 'fast-check';
import { recoveryFigures } from '../../src/backups';
import type { Manifest } from '../../src/backups/manifest';
import { expired } from '../../src/backups/retention';

const day = 86_400_000;
const now = Date.parse('2026-11-29T00:00:00Z');

/** A backup of so many days ago. */
const made = (age: number, more: Partial<Manifest> = {}): Manifest => {
  const started = new Date(now - age * day).toISOString();
  return {
    format: 1,
    id: started.replace(/[-:.]/g, ''),
    platform: 'shop',
    service: 'db',
    kind: 'postgres',
    name: 'shop',
    started,
    ended: started,
    tools: {},
    file: 'x.dump',
    bytes: { dumped: 1, stored: 1 },
    sha256: '',
    compression: 'own',
    recipients: [],
    ...more,
  };
};
const verified = { at: '2026-11-28T00:00:00Z', seconds: 12, rows: 1 };
const ages = (backups: Manifest[]) => backups.map(({ started }) => (now - Date.parse(started)) / day);

describe('what goes', () => {
  test('is all but the latest, oldest first', () => {
    const backups = [1, 2, 3, 4].map((age) => made(age));
    expect(ages(expired(backups, { keep: 2 }, { now }))).toEqual([4, 3]);
  });

  test('is what is too old, but never the newest nor the newest verified one', () => {
    const backups = [made(10), made(20, { verified }), made(30, { verified }), made(40)];
    expect(ages(expired(backups, { keep: 9, keepFor: 5 * day }, { now }))).toEqual([40, 30]);
    expect(ages(expired(backups, { keep: 1 }, { now }))).toEqual([40, 30]);
  });

  test('counts what restores replaced for itself', () => {
    const backups = [made(1), made(2, { replacedBy: 'r2' }), made(3), made(9, { replacedBy: 'r1' })];
    expect(ages(expired(backups, { keep: 1 }, { now }))).toEqual([9, 3]);
    expect(ages(expired(backups, { keep: 2 }, { now }))).toEqual([]);
    expect(ages(expired(backups, { keep: 2, keepFor: day }, { now }))).toEqual([9, 3, 2]);
  });

  const anyBackups = fc
    .uniqueArray(fc.record({ age: fc.integer({ min: 0, max: 500 }), isVerified: fc.boolean() }), {
      selector: ({ age }) => age,
    })
    .map((all) => all.map(({ age, isVerified }) => made(age, isVerified ? { verified } : {})));

  test('never leaves nothing, nor takes what is in use, whatever is asked', () => {
    const asked = fc.record({
      keep: fc.integer({ min: 1, max: 9 }),
      keepFor: fc.option(fc.integer({ min: 0 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(anyBackups, asked, fc.nat(), (backups, retention, at) => {
        const inUse = backups.length > 0 ? [backups[at % backups.length]!.id] : [];
        const gone = new Set(expired(backups, retention, { now, inUse }).map(({ id }) => id));
        const stays = backups.filter(({ id }) => !gone.has(id));
        const newest = (all: Manifest[]) =>
          all
            .map(({ id }) => id)
            .sort()
            .at(-1);
        expect(newest(stays)).toBe(newest(backups));
        expect(newest(stays.filter((one) => one.verified))).toBe(newest(backups.filter((one) => one.verified)));
        expect(inUse.some((id) => gone.has(id))).toBe(false);
        if (retention.keepFor === undefined)
          expect(stays.length).toBeGreaterThanOrEqual(Math.min(retention.keep, backups.length));
        expect(stays.length).toBeLessThanOrEqual(retention.keep + 2);
      }),
    );
  });
});

describe('the figures of recovery', () => {
  test('are the age of the newest data, the longest gap and the last restore', () => {
    const backups = [made(1), made(3, { verified }), made(10, { replacedBy: 'r1' }), made(8)];
    expect(recoveryFigures(backups, now)).toEqual({
      newest: day / 1000,
      newestVerified: (3 * day) / 1000,
      longestGap: (5 * day) / 1000,
      restore: 12,
    });
  });

  test('are absent without backups', () => {
    expect(recoveryFigures([], now)).toEqual({});
  });
});
