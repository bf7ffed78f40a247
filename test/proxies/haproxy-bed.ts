import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { haproxyProxy } from '../../src/proxies/haproxy';
import type { Proxy } from '../../src/proxies/proxy';
import { type Haproxy, type HaproxyOptions, startHaproxy } from '../../testbed/haproxy';
import type { ProxyBed } from '../contracts/proxy-contract';
import { chosenMatch, headersOf, type Instances, request, startInstances } from './instances';
import { oneAtATime } from './one-at-a-time';

/** The first check of an instance waits for one interval. A test's own lines come after, and win. */
const frequent = 'default-server inter 100ms';

/** A request that waits longer gets no answer. */
const PATIENCE_MS = 500;

export interface HaproxyBed extends ProxyBed {
  haproxy: Haproxy;
  instances: Instances;
  /** The adapter, once more, with other settings. */
  open(over: { socket?: string; master?: string | undefined; config?: string }): Proxy;
}

/** A real HAProxy with the backend `api` of three empty slots, and instances in this process. */
export async function haproxyBed(
  over: Partial<HaproxyOptions> & { socket?: (haproxy: Haproxy) => string } = {},
): Promise<HaproxyBed> {
  const { socket = ({ socketPath }: Haproxy) => socketPath, options = {}, ...rest } = over;
  const dir = mkdtempSync(join(tmpdir(), 'belay-haproxy-'));
  const checked = { ...options, backend: [frequent, ...(options.backend ?? [])] };
  const haproxy = await startHaproxy({
    dir,
    backends: [{ name: 'api', slots: 3, match: chosenMatch }],
    ...rest,
    options: checked,
  });
  const instances = startInstances();
  const paths = { socket: socket(haproxy), config: haproxy.configPath, master: haproxy.masterSocket };
  const lock = oneAtATime();
  const open: HaproxyBed['open'] = (other) => haproxyProxy({ spec: { kind: 'haproxy', ...paths, ...other }, lock });
  return {
    haproxy,
    instances,
    open,
    proxy: open({}),
    backend: 'api',
    servers: ['s1', 's2', 's3'],
    goodAddress: () => instances.start(),
    badAddress: () => instances.start({ ready: 503 }),
    async slowRequest() {
      const answer = request(`${haproxy.url('api')}/hold`);
      return {
        async finish() {
          instances.release();
          return (await answer).status;
        },
      };
    },
    async request(client) {
      const { status, body } = await request(haproxy.url('api'), PATIENCE_MS, headersOf(client));
      return status === 200 ? body : undefined;
    },
    async cleanup() {
      instances.release();
      await haproxy.stop();
      await instances.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
