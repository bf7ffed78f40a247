import { access } from 'node:fs/promises';
import type Docker from 'dockerode';
import { ask } from './errors';

interface Info {
  DockerRootDir?: string;
  /** Pairs of name and value. */
  DriverStatus?: Array<[string, string]> | null;
}

/** The image folder of engines with the containerd store. */
const containerd = '/var/lib/containerd';

/** Folders of the engine's images and containers, as far as this process can see them. */
export async function engineFolders(docker: Docker, within?: number): Promise<string[]> {
  const info = (await ask(() => docker.info(), { within })) as Info;
  const all = foldersOf(info).map(async (folder) =>
    access(folder).then(
      () => [folder],
      () => [],
    ),
  );
  return (await Promise.all(all)).flat();
}

/** The folders in an engine's answer. Pure. */
export function foldersOf({ DockerRootDir, DriverStatus }: Info): string[] {
  const isContainerd = (DriverStatus ?? []).some(([, value]) => /io\.containerd\.snapshotter/.test(value));
  return [...(DockerRootDir ? [DockerRootDir] : []), ...(isContainerd ? [containerd] : [])];
}
