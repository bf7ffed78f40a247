import { idOf, type Request, summaryOf } from '../../src/client/naming';

test.each<[string, Request, string]>([
  ['release', { platform: 'shop', by: 'ana' }, 'release of shop, by ana'],
  [
    'release',
    { platform: 'shop', env: 'staging', versions: { api: '2', web: '3' } },
    'release of shop-staging: api=2 web=3',
  ],
  ['release', { platform: 'shop', restart: true, by: 'ana' }, 'restart of shop, by ana'],
  ['release', { platform: 'shop', restart: false }, 'release of shop'],
  ['rollback', { platform: 'shop' }, 'rollback of shop'],
  ['prune', {}, 'prune of this host'],
])('the Web UI lists a %s %j as "%s"', (type, request, summary) => {
  expect(summaryOf(type, request)).toBe(summary);
});

test('an id says what it is and when it began, and two requests of one moment have two', () => {
  const now = new Date(Date.UTC(2025, 0, 2, 3, 4, 5, 678));
  const id = (by: string) => idOf('release', { platform: 'shop', env: 'staging', by }, now);
  expect(id('ana')).toMatch(/^release\/shop-staging\/20250102T030405678-[0-9a-f]{6}$/);
  expect(id('ana')).not.toBe(id('ben'));
  expect(idOf('prune', {}, now)).toMatch(/^prune\/all\//);
});
