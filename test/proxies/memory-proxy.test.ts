import { proxyContract } from '../contracts/proxy-contract';
import { memoryCapabilities, memoryProxy } from '../fakes/memory-proxy';

proxyContract('A proxy in memory', memoryCapabilities, async () => {
  const proxy = memoryProxy();
  let next = 20_000;
  let turn = 0;
  const newAddress = async () => `127.0.0.1:${++next}`;
  const request = async () => {
    const ready = (await proxy.observe('api')).filter(({ state }) => state === 'ready');
    return ready[turn++ % ready.length]?.address;
  };
  return {
    proxy,
    backend: 'api',
    servers: ['s1', 's2', 's3'],
    goodAddress: newAddress,
    badAddress: newAddress,
    request,
    slowRequest: async () => ({ finish: async () => 200 }),
    cleanup: async () => undefined,
  };
});
