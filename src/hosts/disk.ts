import { stat, statfs } from 'node:fs/promises';
import { nearestFolder } from './file';

/** Free space on the file system of a folder. */
export interface Room {
  folder: string;
  /** Bytes. */
  free: number;
  /** Files that may be made; undefined where the file system does not count them. */
  files?: number;
  /** Set if the file system may store files in less than their size. */
  compresses?: true;
}

/** Magic numbers of btrfs and ZFS, as statfs(2) tells them. */
const compressing = [0x9123683e, 0x2fc12fc1];

/** Returns the room in each of these folders, or in the nearest parent that exists; one entry per file system. */
export async function roomIn(folders: string[]): Promise<Room[]> {
  const seen = new Set<number>();
  const found: Room[] = [];
  for (const one of folders) {
    const folder = await nearestFolder(one);
    const { dev } = await stat(folder);
    if (seen.has(dev)) continue;
    seen.add(dev);
    const { bavail, bsize, files, ffree, type } = await statfs(folder);
    found.push({
      folder,
      free: bavail * bsize,
      ...(files > 0 && { files: ffree }),
      ...(compressing.includes(type) && { compresses: true as const }),
    });
  }
  return found;
}
