import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { stringify } from 'yaml';
import { type Belay, connectBelay } from '../src/client';
import { connectClient } from '../src/client/connect';
import type { Bed } from './bed';
import { docker } from './docker';
import type { RunningProcess } from './process';
import { startWorkerProcess, type WorkerOptions } from './worker';

export type PlatformOptions = {
  bed: Bed;
  /** The platform's name; each user of the machine's engine needs another. */
  name: string;
  instances?: number;
  /** Members of the service, in place of the bed's own. */
  service?: Record<string, unknown>;
  /** Members of the spec, in place of the bed's own. */
  spec?: Record<string, unknown>;
  /** First port of the reserved range of 200. */
  firstPort?: number;
};

export type Platform = {
  name: string;
  /** The project's folder. */
  folder: string;
  home: string;
  host: string;
  client: Client;
  belay: Belay;
  startWorker(more?: Pick<WorkerOptions, 'program' | 'env'>): Promise<RunningProcess & { log: string }>;
  /** Writes belay.yaml anew. */
  write(change: Pick<PlatformOptions, 'instances' | 'service' | 'spec'>): void;
  containers(): Promise<Container[]>;
  /** Removes the platform's containers and images, and ends its connection. */
  remove(): Promise<void>;
};

export type Container = { name: string; state: string; revision: number; version: string };

/** Creates a platform of one service behind the bed's HAProxy, with a project folder and a ledger of its own. */
export async function createPlatform(options: PlatformOptions): Promise<Platform> {
  const { bed, name } = options;
  const folder = join(bed.dir, name);
  const home = join(folder, 'home');
  const host = `host-${name}`;
  mkdirSync(home, { recursive: true });
  const write = (change: Pick<PlatformOptions, 'instances' | 'service' | 'spec'>) =>
    writeFileSync(join(folder, 'belay.yaml'), stringify(specOf({ ...options, ...change })));
  write({});
  const client = await connectClient({ TEMPORAL_ADDRESS: bed.temporal.address });
  return {
    name,
    folder,
    home,
    host,
    client,
    belay: await connectBelay(client),
    write,
    startWorker: (more) =>
      startWorkerProcess({ dir: folder, address: bed.temporal.address, home, specs: folder, host, ...more }),
    containers: () => containersOf(name),
    async remove() {
      await client.connection.close();
      await removeContainers(name);
    },
  };
}

function specOf({ bed, name, instances = 3, service, spec, firstPort = 20000 }: PlatformOptions): object {
  const image = Object.values(bed.images)[0]!;
  return {
    platform: name,
    hosts: { local: { ports: `${firstPort}-${firstPort + 199}` } },
    proxies: {
      edge: {
        kind: 'haproxy',
        socket: bed.haproxy.socketPath,
        config: bed.haproxy.configPath,
        master: bed.haproxy.masterSocket,
      },
    },
    services: {
      api: {
        image: image.ref,
        instances,
        routes: [{ proxy: 'edge', backend: 'api', port: 8080 }],
        health: { ready: { http: '/ready', json: { ready: true }, every: '100ms', healthy: 2, within: '10s' } },
        drain: { deadline: '10s' },
        stop: { grace: '10s' },
        ...service,
      },
    },
    ...spec,
  };
}

/** Returns containers by Belay's own label. */
export async function containersOf(platform: string): Promise<Container[]> {
  const format = '{{.Names}}\t{{.State}}\t{{.Label "belay.revision"}}\t{{.Image}}';
  const found = await lines(['ps', '-a', '--filter', `label=belay.platform=${platform}`, '--format', format]);
  return found
    .map((line) => line.split('\t') as [string, string, string, string])
    .map(([name, state, revision, version]) => ({ name, state, revision: Number(revision), version }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Removes containers (proxies too), images and networks of a platform, even if another run has left them. */
export async function removeContainers(platform: string): Promise<void> {
  const ofCompose = `label=com.docker.compose.project=${platform}`;
  const found = new Set([
    ...(await lines(['ps', '-aq', '--filter', `label=belay.platform=${platform}`])),
    ...(await lines(['ps', '-aq', '--filter', ofCompose])),
    ...(await proxiesOf(platform)),
  ]);
  if (found.size > 0) await docker(['rm', '-f', '-v', ...found]);
  for (const kept of ['belay', 'belay-proxy']) {
    const tags = await lines(['images', '--format', '{{.Repository}}:{{.Tag}}', `${kept}/${platform}/*`]);
    if (tags.length > 0) await docker(['rmi', ...tags]);
  }
  const networks = await lines(['network', 'ls', '-q', '--filter', ofCompose]);
  if (networks.length > 0) await docker(['network', 'rm', ...networks]);
}

async function proxiesOf(platform: string): Promise<string[]> {
  const format = '{{.ID}}\t{{.Label "belay.proxy"}}';
  const found = await lines(['ps', '-a', '--filter', 'label=belay.proxy', '--format', format]);
  return found.flatMap((line) => {
    const [id, proxy] = line.split('\t') as [string, string];
    return proxy.startsWith(`${platform}/`) ? [id] : [];
  });
}

const lines = async (args: string[]): Promise<string[]> => (await docker(args)).split('\n').filter(Boolean);
