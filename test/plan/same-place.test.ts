import type { Front, FrontRoute } from '../../src/model/desired';
import { isSamePlace } from '../../src/plan/same-place';
import { someImage } from './arbitraries';

const front = (more: Partial<FrontRoute> = {}, proxy = 'edge'): Front => ({
  proxy,
  image: someImage,
  routes: [
    {
      service: 'api',
      backend: 'api',
      port: 8080,
      protocol: 'http',
      networks: { a: ['api'] },
      slots: 4,
      hostPort: 80,
      ...more,
    },
  ],
});

test.each<[string, Front[]]>([
  ['nothing changes', [front()]],
  ['servers are added', [front({ slots: 9 })]],
  ['it carries something else', [front({ protocol: 'tcp' })]],
  ['HAProxy is upgraded', [{ ...front(), image: { ref: 'haproxy:4', digest: 'sha256:b', local: false } }]],
  ['a network is joined', [front({ networks: { a: ['api'], b: ['api'] } })]],
  [
    'a route is added that is not published',
    [
      {
        ...front(),
        routes: [...front().routes, { ...front().routes[0]!, backend: 'b', port: 9100, hostPort: undefined }],
      },
    ],
  ],
])('a name goes on leading to the same address where %s', (_, after) => {
  expect(isSamePlace([front()], after)).toBe(true);
});

test('a name goes on leading to the same addresses in whichever order the file has them', () => {
  const at = (...hostAddress: string[]) => [front({ hostAddress })];
  expect(isSamePlace(at('127.0.0.1', '10.0.0.1'), at('10.0.0.1', '127.0.0.1'))).toBe(true);
  expect(isSamePlace(at('127.0.0.1'), [front({ hostAddress: '127.0.0.1' })])).toBe(true);
});

test.each<[string, Front[] | undefined, Front[] | undefined]>([
  ['the proxy is the first', undefined, [front()]],
  ['there is none', undefined, undefined],
  ['there is none any more', [front()], undefined],
  ['another proxy takes over', [front({}, 'own')], [front()]],
  ['another port of the host is published', [front()], [front({ hostPort: 81 })]],
  ['a port is published at another address', [front()], [front({ hostAddress: '127.0.0.1' })]],
  ['a port is published in one family only', [front()], [front({ hostAddress: '0.0.0.0' })]],
  ['another container port is published', [front()], [front({ port: 8081 })]],
  ['it has another name', [front()], [front({ networks: { a: ['api', 'backend'] } })]],
])('a name leads to another address where %s', (_, before, after) => {
  expect(isSamePlace(before, after)).toBe(false);
});
