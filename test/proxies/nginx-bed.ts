import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NginxDeps, nginxProxy } from '../../src/proxies/nginx';
import type { Proxy } from '../../src/proxies/proxy';
import { type Nginx, type NginxOptions, startNginx } from '../../testbed/nginx';
import type { ProxyBed } from '../contracts/proxy-contract';
import { type Instances, request, startInstances } from './instances';
import { oneAtATime } from './one-at-a-time';

/** A request that waits longer gets no answer. */
const patience = 500;

export interface NginxBed extends ProxyBed {
  nginx: Nginx;
  instances: Instances;
  /** The adapter, once more, with other settings. */
  open(over?: Partial<NginxDeps['spec']>, deps?: Partial<NginxDeps>): Proxy;
}

/** A real nginx with the backend `api`, and instances in this process. */
export async function nginxBed(over: Partial<NginxOptions> & Pick<NginxOptions, 'version'>): Promise<NginxBed> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-nginx-'));
  const nginx = await startNginx({ dir, ...over });
  const instances = startInstances();
  const lock = oneAtATime();
  const open: NginxBed['open'] = (spec, deps) => nginxProxy({ spec: { ...nginx.spec, ...spec }, lock, ...deps });
  return {
    nginx,
    instances,
    open,
    proxy: open(),
    backend: 'api-blue',
    servers: ['s1', 's2', 's3'],
    goodAddress: () => instances.start(),
    badAddress: () => instances.start({ ready: 503 }),
    async slowRequest() {
      const held = instances.held();
      const answer = request(`${nginx.url('api')}/hold`);
      await held;
      return {
        async finish() {
          instances.release();
          return (await answer).status;
        },
      };
    },
    async request() {
      const { status, body } = await request(nginx.url('api'), patience);
      return status === 200 ? body : undefined;
    },
    async cleanup() {
      instances.release();
      await nginx.stop();
      await instances.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
