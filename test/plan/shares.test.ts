import fc from 'fast-check';
import { sharesOf } from '../../src/plan/shares';

test.each([
  [{ share: 0.05, fresh: 1, old: 3, heaviest: 256 }, 0.05],
  [{ share: 0.25, fresh: 1, old: 3, heaviest: 256 }, 0.25],
  [{ share: 0.5, fresh: 2, old: 3, heaviest: 256 }, 0.5],
  [{ share: 0.05, fresh: 1, old: 3, heaviest: 10 }, 1 / 19],
])('finds whole weights for %j', (wanted, share) => {
  expect(sharesOf(wanted).share).toBeCloseTo(share, 3);
});

test('is never further from the share than 1 percent, with weights that HAProxy takes', () => {
  const count = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), count, count, (weight, fresh, old) => {
      fc.pre(fresh * 4 >= old && old * 4 >= fresh);
      const shares = sharesOf({ share: weight / 100, fresh, old, heaviest: 256 });
      expect(Math.abs(shares.share - weight / 100)).toBeLessThan(0.01);
      for (const one of [shares.fresh, shares.old]) expect(Number.isInteger(one) && one >= 1 && one <= 256).toBe(true);
      expect(shares.share).toBeCloseTo((shares.fresh * fresh) / (shares.fresh * fresh + shares.old * old), 10);
    }),
  );
});
