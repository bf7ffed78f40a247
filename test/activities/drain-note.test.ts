import { drainingNote, drainNote, weakest } from '../../activities/steps/drain-words';

test('says how long it took until nothing was in flight, or what was at the deadline', () => {
  expect(drainNote({}, { left: 0, time: 312, counts: 'counted' })).toBe('nothing in flight after 0.3 s');
  expect(drainNote({}, { left: 4, time: 30_000, counts: 'counted' })).toBe(
    '4 still in flight at the deadline, after 30.0 s',
  );
});

test('says whose requests nobody has counted', () => {
  const leaders = ['Traefik', 'nginx-proxy'];
  expect(drainNote({ leaders }, { left: 0, time: 312, counts: 'counted' })).toBe(
    'nothing in flight after 0.3 s at the proxy; not counted: traffic past it through Traefik and nginx-proxy',
  );
});

test('says which workers of a proxy are waited for, where it counts no requests', () => {
  expect(drainingNote('workers', 1)).toBe('1 worker of the proxy may hold requests of it');
  expect(drainNote({}, { left: 0, time: 5_040, counts: 'workers' })).toBe(
    'no worker of the proxy holds requests of it after 5.0 s',
  );
  expect(drainNote({}, { left: 2, time: 30_000, counts: 'workers' })).toBe(
    '2 workers of the proxy may still hold requests of it at the deadline, after 30.0 s',
  );
});

test('claims no more than the weakest count of several proxies', () => {
  expect(weakest(['counted', 'counted'])).toBe('counted');
  expect(weakest(['counted', 'workers'])).toBe('workers');
  expect(weakest(['workers', 'unknown', 'counted'])).toBe('unknown');
});
