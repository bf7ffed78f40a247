import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adapterOf } from '../../src/proxies';
import { capabilitiesOf, type ProxySpec } from '../../src/spec/proxies';
import { startTraefik, type Traefik, traefikExample } from '../../testbed/traefik';
import { proxyContract } from '../contracts/proxy-contract';
import { request, startInstances } from './instances';
import { oneAtATime } from './one-at-a-time';

const dir = mkdtempSync(join(tmpdir(), 'belay-command-'));
let traefik: Traefik;
beforeAll(async () => {
  traefik = await startTraefik({ dir });
});
afterAll(async () => {
  await traefik?.stop();
  rmSync(dir, { recursive: true });
});

/** Longest wait of a request, in milliseconds. */
const patience = 500;

proxyContract('Traefik by four commands', capabilitiesOf({ kind: 'command', counts: true } as ProxySpec), async () => {
  const instances = startInstances();
  const spec = { ...traefik.proxy, timeout: 10_000, folder: traefikExample };
  const proxy = adapterOf(spec, { home: dir, lock: oneAtATime() }).open({ platform: 'shop', name: 'traefik' });
  return {
    proxy,
    backend: 'api',
    servers: ['s1', 's2', 's3'],
    goodAddress: () => instances.start(),
    badAddress: () => instances.start({ ready: 503 }),
    async slowRequest() {
      const answer = request(`${traefik.url}/hold`);
      return {
        async finish() {
          instances.release();
          return (await answer).status;
        },
      };
    },
    async request() {
      const { status, body } = await request(traefik.url, patience);
      return status === 200 ? body : undefined;
    },
    async cleanup() {
      instances.release();
      traefik.forget();
      await instances.stop();
    },
  };
});
