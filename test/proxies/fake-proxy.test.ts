import { BelayError } from '../../src/errors';
import { capabilitiesOf } from '../../src/spec/proxies';
import { type ProxyBed, proxyContract } from '../contracts/proxy-contract';
import { fakeProxy } from '../fakes/fake-proxy';

const first = { backend: 'api', server: 's1' };

const able = capabilitiesOf({ kind: 'haproxy', socket: '/s', config: '/c' });
proxyContract('the fake', able, async () => fakeBed());

describe('the fake proxy', () => {
  const inTraffic = async () => {
    const proxy = fakeProxy({ backends: { api: ['s1'] } });
    await proxy.stage(first, '127.0.0.1:20001');
    await proxy.admit(first);
    return proxy;
  };
  const seen = async (proxy: ReturnType<typeof fakeProxy>) => (await proxy.observe('api'))[0];

  test('says what it is told of checks and requests, until the server is removed', async () => {
    const proxy = await inTraffic();
    proxy.setCheck(first, 'failing');
    proxy.setInFlight(first, 3);
    expect(await seen(proxy)).toMatchObject({ state: 'ready', check: 'failing', inFlight: 3 });
    proxy.setInFlight(first, 0);
    await proxy.remove(first);
    await proxy.stage(first, '127.0.0.1:20002');
    expect(await seen(proxy)).toMatchObject({ state: 'drain', check: 'passing' });
  });

  test('fails the next call of a verb once, without effect', async () => {
    const proxy = await inTraffic();
    proxy.failNext('drain', new BelayError('proxy-refused', 'no'));
    await expect(proxy.drain(first)).rejects.toThrow('no');
    expect(await seen(proxy)).toMatchObject({ state: 'ready' });
    await proxy.drain(first);
    expect(await seen(proxy)).toMatchObject({ state: 'drain' });
  });

  test('is unreachable for as long as it is told', async () => {
    const proxy = await inTraffic();
    proxy.unreachable(true);
    await expect(proxy.observe('api')).rejects.toMatchObject({ code: 'proxy-unreachable' });
    proxy.unreachable(false);
    expect(await seen(proxy)).toMatchObject({ state: 'ready' });
  });

  test('keeps what was called, in order', async () => {
    expect((await inTraffic()).calls).toEqual(['stage api/s1 127.0.0.1:20001', 'admit api/s1']);
  });
});

function fakeBed(): ProxyBed {
  const bad = new Set<string>();
  const held = new Map<string, number>();
  let next = 20_000;
  let turn = 0;
  const newAddress = () => `127.0.0.1:${++next}`;
  const proxy = fakeProxy({
    backends: { api: ['s1', 's2', 's3'] },
    check: (address) => (bad.has(address) ? 'failing' : 'passing'),
    inFlight: (address) => held.get(address) ?? 0,
  });
  const request = async (client?: 'chosen') => {
    const ready = (await proxy.observe('api')).filter(({ state, check }) => state === 'ready' && check === 'passing');
    const chosen = client ? ready.filter((one) => one.chosen) : [];
    const among = chosen.length > 0 ? chosen : ready.filter(({ weight }) => weight !== 0);
    return among[turn++ % among.length]?.address;
  };
  return {
    proxy,
    backend: 'api',
    servers: ['s1', 's2', 's3'],
    goodAddress: async () => newAddress(),
    badAddress: async () => {
      const address = newAddress();
      bad.add(address);
      return address;
    },
    request,
    async slowRequest() {
      const address = (await request()) ?? '';
      held.set(address, 1);
      return {
        async finish() {
          held.delete(address);
          return 200;
        },
      };
    },
    cleanup: async () => {},
  };
}
