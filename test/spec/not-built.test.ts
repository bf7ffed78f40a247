import { findNotBuilt, notBuilt } from '../../src/spec/not-built';
import { badSpecs } from './bad-specs';

test('has a bad spec for everything that is not built', () => {
  const said = badSpecs.map((one) => one.message).join('\n');
  expect(notBuilt.filter((rule) => !said.includes(rule.instead))).toEqual([]);
});

test('finds nothing in data that is no mapping', () => {
  for (const data of [null, 5, 'text', [], [{ env_files: [] }], {}]) expect(findNotBuilt(data)).toEqual([]);
});

test('names no part of what is refused as a whole', () => {
  const found = findNotBuilt({ proxies: { web: { kind: 'caddy', hosts: ['a'] } } });
  expect(found.map((one) => one.problem.path)).toEqual([['proxies', 'web', 'kind']]);
});
