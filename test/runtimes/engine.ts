import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { buildBaseImage } from '../../testbed/base-image';

/** The engine of a test file, and everything it made there, to be cleared away however the tests end. */
export interface TestEngine {
  docker: Docker;
  /** Unique in this run; names, tags, networks and volumes begin with it. */
  prefix: string;
  /** A temporary folder. */
  folder: string;
  /** An image with `node`, under a name of this run without a registry. */
  image: string;
  close(): Promise<void>;
}

/** Throws with the way to get an engine when none answers. */
export async function openEngine(kind: string): Promise<TestEngine> {
  const docker = new Docker();
  await docker.ping().catch((cause) => {
    throw new Error('these tests need a Docker Engine and none answers: run scripts/setup.sh', { cause });
  });
  await clearLeft(docker);
  const prefix = `bt-${kind}-${process.pid}-${Date.now().toString(36)}`;
  const folder = mkdtempSync(join(tmpdir(), `${prefix}-`));
  await docker.getImage(await buildBaseImage()).tag({ repo: prefix, tag: 'dev' });
  return { docker, prefix, folder, image: `${prefix}:dev`, close };

  async function close(): Promise<void> {
    await clear(docker, prefix);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Leftovers of killed runs would be in the way: a network keeps its addresses. */
async function clearLeft(docker: Docker): Promise<void> {
  const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
  const networks = (await docker.listNetworks()).map(({ Name }) => Name);
  const left = [...containers, ...networks].flatMap((name) => {
    const [, prefix, pid] = /^\/?(bt-[a-z]+-(\d+)-[0-9a-z]+)/.exec(name) ?? [];
    return prefix && !isAlive(Number(pid)) ? [prefix] : [];
  });
  for (const prefix of new Set(left)) await clear(docker, prefix);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Uses an engine that answers as it is told. */
export async function engineThat(answer: RequestListener, use: (docker: Docker) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await use(new Docker({ host: '127.0.0.1', port, protocol: 'http' })).finally(() => server.close());
}

async function clear(docker: Docker, prefix: string): Promise<void> {
  const containers = await docker.listContainers({ all: true });
  for (const { Id } of containers.filter(({ Names }) => Names.some((name) => name.startsWith(`/${prefix}`)))) {
    await docker
      .getContainer(Id)
      .remove({ force: true, v: true })
      .catch(() => undefined);
  }
  const networks = await docker.listNetworks();
  for (const { Id } of networks.filter(({ Name }) => Name.startsWith(prefix))) await docker.getNetwork(Id).remove();
  const { Volumes } = await docker.listVolumes();
  for (const { Name } of (Volumes ?? []).filter(({ Name }) => Name.startsWith(prefix)))
    await docker.getVolume(Name).remove();
  const images = await docker.listImages();
  const names = images.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]);
  for (const name of names.filter((name) => name.includes(prefix))) {
    await docker
      .getImage(name)
      .remove({ noprune: true })
      .catch(() => undefined);
  }
}
