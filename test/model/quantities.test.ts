import { sizeText, span, timeText } from '../../src/model/quantities';

test.each([
  [0, '0 s'],
  [400, '0 s'],
  [119_600, '2 min'],
  [5_400_000, '1 h 30 min'],
  [90_061_000, '25 h 1 min 1 s'],
])('in a sentence %i ms are %s', (milliseconds, text) => expect(timeText(milliseconds)).toBe(text));

test.each([
  [0, '0.0 s'],
  [12_340, '12.3 s'],
  [125_000, '2 m 05 s'],
  [3_725_000, '1 h 02 m'],
])('in a column %i ms are %s', (milliseconds, text) => expect(span(milliseconds)).toBe(text));

test.each([
  [0, '0 B'],
  [830, '830 B'],
  [1_500_000_000, '1.5 GB'],
  [61_312_000, '61.3 MB'],
  [256_000_000, '256 MB'],
  [2 ** 60, '1152922 TB'],
])('%i bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
