import fc from 'fast-check';
import {
  defaultLimits,
  type Measurement,
  measured,
  noMeasurements,
  phaseOf,
  thresholdVerdict,
} from '../../src/analysis/threshold';

const words: Record<string, Measurement> = { s: 'successful', f: 'failed', i: 'inconclusive', e: 'error' };
const tallyOf = (letters: string) =>
  [...letters].reduce((tally, letter) => measured(tally, words[letter]!), noMeasurements);

test.each([
  ['', {}, 'running'],
  ['ss', {}, 'running'],
  ['sss', {}, 'successful'],
  ['f', {}, 'failed'],
  ['fs', { failureLimit: 1 }, 'running'],
  ['fsf', { failureLimit: 1 }, 'failed'],
  ['fss', { failureLimit: 1 }, 'successful'],
  ['i', {}, 'inconclusive'],
  ['iss', { inconclusiveLimit: 1 }, 'successful'],
  ['eeee', {}, 'running'],
  ['eeeee', {}, 'error'],
  ['eeeeseeee', {}, 'running'],
  ['eeeefeeee', { failureLimit: 1 }, 'running'],
  ['eeesess', {}, 'successful'],
  ['iii', { inconclusiveLimit: 3 }, 'inconclusive'],
  ['fff', { failureLimit: 3 }, 'inconclusive'],
  ['if', {}, 'failed'],
])('counts %p with %j: %s', (letters, limits, phase) => {
  expect(phaseOf(tallyOf(letters), { count: 3, ...defaultLimits, ...limits })).toBe(phase);
});

test('the worst metric decides', () => {
  expect(thresholdVerdict(['successful', 'successful'])).toBe('advance');
  expect(thresholdVerdict(['successful', 'running'])).toBe('undecided');
  expect(thresholdVerdict(['running', 'inconclusive'])).toBe('hold');
  expect(thresholdVerdict(['inconclusive', 'failed'])).toBe('roll-back');
  expect(thresholdVerdict(['running', 'error'])).toBe('roll-back');
  expect(thresholdVerdict([])).toBe('hold');
});

test('never succeeds without a success, and never recovers from a failure', () => {
  const letter = fc.constantFrom('s', 'f', 'i', 'e');
  const limit = fc.nat(3);
  const limits = fc.record({
    count: fc.integer({ min: 1, max: 5 }),
    failureLimit: limit,
    inconclusiveLimit: limit,
    consecutiveErrorLimit: limit,
  });
  fc.assert(
    fc.property(fc.array(letter), letter, limits, (letters, last, given) => {
      const before = phaseOf(tallyOf(letters.join('')), given);
      if (!letters.includes('s')) expect(before).not.toBe('successful');
      if (before === 'failed') expect(phaseOf(tallyOf([...letters, last].join('')), given)).toBe('failed');
    }),
  );
});
