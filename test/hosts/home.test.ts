import { belayHome, hostPaths } from '../../src/hosts/home';

test('keeps its files under BELAY_HOME, else where the system keeps state of this user', () => {
  expect(belayHome({ BELAY_HOME: '/srv/belay' }, 0)).toBe('/srv/belay');
  expect(belayHome({ HOME: '/root' }, 0)).toBe('/var/lib/belay');
  expect(belayHome({ HOME: '/home/ann' }, 1000)).toBe('/home/ann/.local/state/belay');
});

test('gives every file its place', () => {
  const paths = hostPaths('/b');
  const api = { platform: 'shop', service: 'api' };
  expect(paths.key).toBe('/b/key');
  expect(paths.fence(api)).toBe('/b/ledger/shop/api/fence.json');
  expect(paths.head(api)).toBe('/b/ledger/shop/api/head.json');
  expect(paths.revision(api, 7)).toBe('/b/ledger/shop/api/revisions/7.json');
  expect(paths.drain('shop-api-r2-1')).toBe('/b/drains/shop-api-r2-1.json');
  expect(paths.log('shop_api.1')).toBe('/b/logs/shop_api.1.log');
  expect(paths.serviceLock(api)).toBe('/b/locks/services/shop/api.lock');
  expect(paths.fenceLock(api)).toBe('/b/locks/fences/shop/api.lock');
  expect(paths.stepLock(api, 'api/launch/x')).toMatch(/^\/b\/locks\/steps\/shop\/api\/\d+\.lock$/);
  expect(paths.proxyLock('edge')).toBe('/b/locks/proxies/edge.lock');
});

test.each(['', '..', '.hidden', '../../etc', 'a/b', 'a b', 'a\0b'])('refuses %j as the name of a file', (name) => {
  expect(() => hostPaths('/b').log(name)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  expect(() => hostPaths('/b').fence({ platform: 'shop', service: name })).toThrow('cannot name a file');
});
