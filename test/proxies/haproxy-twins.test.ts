import { admitOrders, drainOrders, removeOrders, weighOrders } from '../../src/proxies/haproxy/orders';
import type { ServerState } from '../../src/proxies/haproxy/parse';
import { type HaproxyServer, withTwins } from '../../src/proxies/haproxy/servers';

const ref = { backend: 'api', server: 's1' };
const detail = (over: Partial<ServerState> = {}): ServerState => ({
  backend: 'api',
  server: 's1',
  name: 'shop-api-1',
  ip: '172.18.0.2',
  port: 8080,
  operation: 2,
  maintenance: false,
  unresolved: false,
  draining: false,
  checkConfigured: true,
  checkActive: true,
  checkRunning: false,
  weight: 1,
  initialWeight: 1,
  ...over,
});
const server = (over: Partial<HaproxyServer> = {}): HaproxyServer => ({
  server: 's1',
  address: 'shop-api-1:8080',
  state: 'ready',
  check: 'passing',
  inFlight: 0,
  serving: true,
  whole: true,
  detail: detail(),
  ...over,
});
const pair = (own: Partial<HaproxyServer>, twin: Partial<HaproxyServer>): HaproxyServer =>
  withTwins([server(own)], [server(twin)])[0]!;
const commands = (orders: typeof admitOrders, one: HaproxyServer) => orders(one, ref).map(({ command }) => command);

describe('a server and the one in which its requests wait', () => {
  test('hold together what is in flight at both, as long as they lead to one instance', () => {
    expect(pair({ inFlight: 2 }, { inFlight: 3 }).inFlight).toBe(5);
    expect(pair({ inFlight: 2 }, { inFlight: 3, address: 'shop-api-2:8080' }).inFlight).toBe(2);
  });

  test.each([
    ['draining, by what the twin has found out', { state: 'drain', check: 'pending' }, { check: 'passing' }, 'passing'],
    ['draining, while the twin fails', { state: 'drain', check: 'pending' }, { check: 'failing' }, 'failing'],
    [
      'draining, while its own last check is older than the one of the twin that fails',
      { state: 'drain' },
      { check: 'failing' },
      'failing',
    ],
    [
      'draining, by its own check where the twin has none',
      { state: 'drain' },
      { check: 'failing', detail: detail({ checkActive: false }) },
      'passing',
    ],
    ['in traffic, until its own first check', { check: 'pending' }, {}, 'passing'],
    ['in traffic, once its own check has failed', { check: 'failing', whole: false }, {}, 'failing'],
    ['in maintenance', { state: 'maint', check: 'pending' }, {}, 'pending'],
  ] as const)('say whether the instance is healthy: %s', (_when, own, twin, expected) => {
    expect(pair(own, twin).check).toBe(expected);
  });

  test('do not speak for each other while they lead to two addresses', () => {
    const own = { state: 'drain', check: 'pending' } as const;
    expect(pair(own, { detail: detail({ ip: '172.18.0.9' }) }).check).toBe('pending');
  });

  test('come in one after the other, the twin without a check from then on', () => {
    const staged = pair(
      { state: 'drain', check: 'pending', whole: false },
      { state: 'drain', check: 'passing', detail: detail() },
    );
    expect(commands(admitOrders, staged)).toEqual([
      'set server api/s1 health up;set server api/s1 state ready',
      'set server api-wait/s1 state ready',
      'disable health api-wait/s1',
    ]);
  });

  test('leave one after the other, the twin first, and go out together', () => {
    const both = pair({}, {});
    expect(commands(drainOrders, both)).toEqual([
      'set server api-wait/s1 state drain',
      'set server api/s1 state drain',
    ]);
    expect(commands(removeOrders, both)).toEqual([
      'set server api/s1 state maint',
      'set server api-wait/s1 state maint',
    ]);
    expect(commands(weighOrders(7), both)).toEqual(['set server api/s1 weight 7', 'set server api-wait/s1 weight 7']);
  });
});
