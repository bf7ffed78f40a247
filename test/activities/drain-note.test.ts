import { drainNote } from '../../activities/steps/drain';

test('says how long it took until nothing was in flight, or what was at the deadline', () => {
  expect(drainNote({}, { left: 0, time: 312 })).toBe('nothing in flight after 0.3 s');
  expect(drainNote({}, { left: 4, time: 30_000 })).toBe('4 still in flight at the deadline, after 30.0 s');
});

test('says whose requests nobody has counted', () => {
  const leaders = ['Traefik', 'nginx-proxy'];
  expect(drainNote({ leaders }, { left: 0, time: 312 })).toBe(
    'nothing in flight after 0.3 s at the proxy; not counted: traffic past it through Traefik and nginx-proxy',
  );
});
