import { access } from 'node:fs/promises';
import type { EngineInfo } from './engine-facts';

/** The image folder of engines with the containerd store. */
const containerd = '/var/lib/containerd';

/** Folders of the engine's images and containers, as far as this process can see them. */
export async function visibleFolders(info: EngineInfo): Promise<string[]> {
  const all = foldersOf(info).map(async (folder) =>
    access(folder).then(
      () => [folder],
      () => [],
    ),
  );
  return (await Promise.all(all)).flat();
}

/** The folders in an engine's answer. Pure. */
export function foldersOf({ DockerRootDir, DriverStatus }: EngineInfo): string[] {
  const isContainerd = (DriverStatus ?? []).some(([, value]) => /io\.containerd\.snapshotter/.test(value));
  return [...(DockerRootDir ? [DockerRootDir] : []), ...(isContainerd ? [containerd] : [])];
}
