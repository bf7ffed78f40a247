import fc from 'fast-check';
import { Duration, formatDuration, parseDuration } from '../../src/spec/duration';

test.each([
  ['0s', 0],
  ['500ms', 500],
  ['5s', 5000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['4h', 14_400_000],
  ['30d', 2_592_000_000],
])('reads %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
  expect(Duration.parse(text)).toBe(ms);
});

test.each(['', '5', 's', '-1s', '5 s', '5S', '1h30m', '.5s', '5.s', '1e3s', '5s ', '٥s'])(
  'does not read %j',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(Duration.safeParse(text).success).toBe(false);
  },
);

test.each([
  [0, '0ms'],
  [1, '1ms'],
  [1500, '1500ms'],
  [60_000, '1m'],
  [90_000, '90s'],
  [86_400_000, '1d'],
])('writes %d ms as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('reads back what it writes', () => {
  fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms));
});
