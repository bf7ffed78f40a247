import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { poll } from '../src/poll';

/** Belay's yardstick: the engine alone starts and stops the same containers as fast as it can. */
export interface EngineAlone {
  /** Starts containers one by one, each when the one before is ready, or all at once. */
  start(image: string, count: number, how?: 'one by one'): Promise<Container[]>;
  /** Starts a HAProxy without containers behind it. */
  startProxy(image: string): Promise<Container>;
  /** Stops the containers side by side. */
  stop(containers: Container[]): Promise<void>;
  /** Stops all containers, and starts each again as soon as it has ended; resolves when all are ready. */
  revive(containers: Container[]): Promise<void>;
  /** Ensures that no container is left. */
  clear(): Promise<void>;
  /** Ensures that no container and no network is left. */
  end(): Promise<void>;
}

interface Container {
  handle: Docker.Container;
  port: number;
}

const answering = `defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend all
  bind :8080
  http-request return status 200
`;
const label = 'belay-bench.engine-alone';
const firstPort = 22_000;
const ports = 400;

/**
 * Returns an engine with a network of its own, as Compose gives each project one. The engine starts containers more
 * slowly there.
 */
export async function engineAlone(docker = new Docker()): Promise<EngineAlone> {
  const folders: string[] = [];
  let count = 0;
  await clear();
  const network = await freshNetwork(docker);
  const launch = async (Image: string, more: Docker.ContainerCreateOptions = {}): Promise<Container> => {
    const port = firstPort + (count++ % ports);
    const PortBindings = { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: `${port}` }] };
    const ExposedPorts = { '8080/tcp': {} };
    const handle = await docker.createContainer({
      Image,
      Labels: { [label]: '' },
      ExposedPorts,
      ...more,
      HostConfig: { PortBindings, NetworkMode: network.id, ...more.HostConfig },
    });
    await handle.start();
    await untilReady(port);
    return { handle, port };
  };
  return {
    async start(image, number, how) {
      if (how === undefined) return await Promise.all(Array.from({ length: number }, () => launch(image)));
      const all: Container[] = [];
      while (all.length < number) all.push(await launch(image));
      return all;
    },
    async startProxy(image) {
      const folder = mkdtempSync(join(tmpdir(), 'belay-bench-proxy-'));
      folders.push(folder);
      writeFileSync(join(folder, 'haproxy.cfg'), answering);
      return await launch(image, {
        Cmd: ['haproxy', '-db', '-f', '/given/haproxy.cfg'],
        HostConfig: { Binds: [`${folder}:/given:ro`] },
      });
    },
    async stop(containers) {
      await Promise.all(containers.map(({ handle }) => handle.stop({ t: 10 })));
    },
    async revive(containers) {
      const again = async ({ handle, port }: Container) => {
        await handle.stop({ t: 10 });
        await handle.start();
        await untilReady(port);
      };
      await Promise.all(containers.map(again));
    },
    clear,
    async end() {
      await clear();
      await network.remove();
    },
  };

  async function clear(): Promise<void> {
    const left = await docker.listContainers({ all: true, filters: { label: [label] } });
    await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  }
}

async function freshNetwork(docker: Docker): Promise<Docker.Network> {
  const left = await docker.listNetworks({ filters: { name: [label] } });
  await Promise.all(left.map(({ Id }) => docker.getNetwork(Id).remove()));
  return await docker.createNetwork({ Name: label });
}

async function untilReady(port: number): Promise<void> {
  await poll({ until: () => isReady(port), every: 10 });
}

const isReady = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    get({ port, host: '127.0.0.1', path: '/ready', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
