import { chanceOfFewer, chanceOfMore } from '../../src/analysis/fisher';
import { inputs, reference } from './reference';

test("finds Fisher's chance that the lady tastes the milk", () => {
  expect(chanceOfMore({ errors: 3, requests: 4 }, { errors: 1, requests: 4 })).toBeCloseTo(17 / 70, 12);
  expect(chanceOfMore({ errors: 4, requests: 4 }, { errors: 0, requests: 4 })).toBeCloseTo(1 / 70, 12);
});

test('agrees with scipy on 500 tables of up to a million requests a side', () => {
  expect(reference.fisher).toHaveLength(500);
  for (const [index, { x, y }] of inputs.fisher.entries()) {
    const found = [chanceOfMore(x, y), chanceOfFewer(x, y)];
    for (const [way, chance] of reference.fisher[index]!.entries()) {
      expect(Math.abs(found[way]! - chance)).toBeLessThanOrEqual(1e-7 * chance + 1e-300);
    }
  }
});

test('sees no difference between sides without an error, nor between two that only fail', () => {
  for (const errors of [0, 50]) {
    const side = { errors, requests: 50 };
    expect([chanceOfMore(side, side), chanceOfFewer(side, side)]).toEqual([1, 1]);
  }
});
