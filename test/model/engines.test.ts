import { engineText, isAmong } from '../../src/model/engines';

test('a plan names each of its runtimes once, whatever their order', () => {
  expect(engineText(['b', 'a', 'b'])).toBe('a b');
  expect(engineText(['b', 'a'])).toBe(engineText(['a', 'b']));
});

test('a worker is among them by the whole id', () => {
  expect(isAmong('abc def', 'def')).toBe(true);
  expect(isAmong('abc def', 'de')).toBe(false);
});
