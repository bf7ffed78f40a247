import { chosen } from './chosen';

const cases = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'];
const groupOf = (one: string): string => one[0]!;
const seeds = Array.from({ length: 40 }, (_, number) => `commit ${number}`);

test('each group has one case in a run', () => {
  for (const seed of seeds) expect(chosen(cases, groupOf, seed).map(groupOf)).toEqual(['a', 'b', 'c']);
});

test('the same seed chooses the same cases', () => {
  for (const seed of seeds) expect(chosen(cases, groupOf, seed)).toEqual(chosen(cases, groupOf, seed));
});

test('each case comes in its turn', () => {
  const seen = new Set(seeds.flatMap((seed) => chosen(cases, groupOf, seed)));
  expect([...seen].sort()).toEqual(cases);
});

test('all cases run where nothing is to be left out', () => {
  expect(chosen(cases, groupOf, 'all')).toEqual(cases);
});
