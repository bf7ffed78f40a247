import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ensureFront,
  type ManagedRequest,
  type ManagedRoute,
  managedProxy,
  type ProxyContainer,
  removeFront,
} from '../../src/proxies/haproxy/managed';
import type { Proxy } from '../../src/proxies/proxy';
import { dockerRuntime } from '../../src/runtimes/docker';
import { dockerSandboxes } from '../../src/runtimes/docker/sandbox';
import { buildHaproxyImage } from '../../testbed/haproxy-image';
import { freePort } from '../../testbed/port';
import { untilSeen } from '../contracts/proxy-contract';
import { openEngine, type TestEngine } from '../runtimes/engine';
import { chosenMatch } from './instances';
import { oneAtATime } from './one-at-a-time';

const script = readFileSync(join(__dirname, 'managed-instance.js'), 'utf8');

export interface ManagedBed extends TestEngine {
  network: string;
  hostPort: number;
  images: [string, string];
  /** The route of the service `api`, published. */
  api: ManagedRoute;
  request(over?: Partial<ManagedRequest>): ManagedRequest;
  ensure(over?: Partial<ManagedRequest>): ReturnType<typeof ensureFront>;
  /** The service is served no more. */
  remove(service: string): Promise<void>;
  proxy: Proxy;
  /** The containers of a unit, the oldest first. */
  sandboxes(unit: string): Promise<ProxyContainer[]>;
  /** Starts an instance, `env` its environment, of a program for node where it is another one; gives the container's name. */
  instance(env?: Record<string, string>, program?: string): Promise<string>;
  /** The address of a container on the network, for this machine. */
  ip(container: string, network?: string): Promise<string>;
  /** Brings the instance into traffic. */
  admit(server: string, address: string, backend?: string): Promise<void>;
  /** Returns the output of a node program in a container of the network. */
  inNetwork(program: string): Promise<string>;
}

/** Starts a network, with IPv6 if it gets a range. A managed proxy on it serves `api`, with instances as containers. */
export async function managedBed({ subnet6 }: { subnet6?: string } = {}): Promise<ManagedBed> {
  const engine = await openEngine('m');
  // Short, because sockets are in it.
  const home = mkdtempSync(join(tmpdir(), 'bm-'));
  const { docker, prefix, image } = engine;
  const runtime = dockerRuntime({ docker });
  const images: [string, string] = [await buildHaproxyImage('1'), await buildHaproxyImage('2')];
  const network = `${prefix}-net`;
  const ipv6 = subnet6 && { EnableIPv6: true, IPAM: { Config: [{ Subnet: subnet6 }] } };
  await docker.createNetwork({ Name: network, ...ipv6 });
  const hostPort = await freePort();
  const networks = { [network]: ['api'] };
  const api: ManagedRoute = {
    service: 'api',
    backend: 'api',
    port: 8080,
    protocol: 'http',
    networks,
    hostPort,
    slots: 4,
    // Requests fail at once without an instance.
    hold: 0,
  };
  api.readyPath = '/ready';
  api.match = chosenMatch;
  const key = { home, platform: prefix, name: 'edge', lock: oneAtATime() };
  const request: ManagedBed['request'] = (over) => {
    const sandboxes = dockerSandboxes({ docker });
    return { ...key, engine: sandboxes, image: images[0], routes: [api], ...over };
  };
  const proxy = managedProxy(key);
  let count = 0;
  const run = async (name: string, program: string, env: Record<string, string> = {}) => {
    const Env = Object.entries({ NAME: name, ...env }).map(([key, value]) => `${key}=${value}`);
    const options = { Image: image, Cmd: ['node', '-e', program], Env, HostConfig: { NetworkMode: network } };
    await runtime.create({ name, template: options });
    await runtime.start(name);
    return name;
  };
  const bed: ManagedBed = {
    ...engine,
    network,
    hostPort,
    images,
    api,
    request,
    proxy,
    async sandboxes(unit) {
      const found = await dockerSandboxes({ docker }).list({
        'belay.proxy': `${prefix}/edge`,
        'belay.proxy.unit': unit,
      });
      return found.sort((a, b) => a.name.localeCompare(b.name));
    },
    ensure: (over) => ensureFront(request(over)),
    remove: (service) => removeFront({ ...request(), service }),
    instance: (env, program = script) => run(`${prefix}-i${++count}`, program, env),
    async ip(container, on = network) {
      const { NetworkSettings } = await docker.getContainer(container).inspect();
      return NetworkSettings.Networks[on]?.IPAddress ?? '';
    },
    async admit(server, address, backend = 'api') {
      const ref = { backend, server };
      await proxy.stage(ref, address);
      await untilSeen(proxy, ref, { check: 'passing' });
      await proxy.admit(ref);
    },
    async inNetwork(program) {
      const name = await run(`${prefix}-c${++count}`, program);
      await docker.getContainer(name).wait();
      const said = await runtime.logTail(name, 200);
      await runtime.remove(name);
      return said;
    },
    async close() {
      for (const service of ['api', 'rpc', 'lines']) await bed.remove(service);
      await engine.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
  return bed;
}
