import { signalNumber } from '../src/signals';

test.each([
  ['SIGTERM', 15],
  ['term', 15],
  ['9', 9],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
  ['SIGNONE', undefined],
])('%s is known as %s', (signal, number) => {
  expect(signalNumber(signal)).toBe(number);
});
