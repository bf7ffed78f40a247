import { surgeCount, unavailableCount } from '../../src/spec/rolling-counts';

test('rounds a share of surge up and of unavailable down, so that neither goes below what was asked for', () => {
  expect(surgeCount('25%', 3)).toBe(1);
  expect(unavailableCount('25%', 3)).toBe(0);
  expect([surgeCount('100%', 3), unavailableCount('100%', 3)]).toEqual([3, 3]);
});

test('takes a number as it is', () => {
  expect([surgeCount(2, 9), unavailableCount(0, 9)]).toEqual([2, 0]);
});
