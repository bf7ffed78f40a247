import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { poll } from '../src/poll';

/** What Belay is measured by: the same containers, started and stopped by the engine alone, as fast as it can. */
export interface EngineAlone {
  /** Each is started when the one before is ready, or all at once. */
  start(image: string, count: number, how?: 'one by one'): Promise<Container[]>;
  /** A HAProxy that answers by itself. */
  startProxy(image: string): Promise<Container>;
  /** Side by side. */
  stop(containers: Container[]): Promise<void>;
  /** As soon as one that was told to stop has ended, it is started again, until ready. */
  revive(containers: Container[]): Promise<void>;
  /** Its containers are gone. */
  clear(): Promise<void>;
  /** Everything of it is gone. */
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

/** On a network of its own, as Compose gives each project one: the engine starts containers there more slowly. */
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
