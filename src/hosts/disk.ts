import { stat, statfs } from 'node:fs/promises';
import { BelayError } from '../errors';
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

/** File systems of the kernel that keep no files, as /proc and /sys: their magic numbers by linux/magic.h. */
const ofKernel = [
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0x62656570, 0xcafe4a11, 0x1cd1,
];

/** Throws `preflight-failed` for a folder that would be on a file system of the kernel. Makes nothing. */
export async function refuseKernelFiles(folder: string): Promise<void> {
  const there = await nearestFolder(folder);
  if (!ofKernel.includes((await statfs(there)).type)) return;
  throw new BelayError('preflight-failed', `${folder} cannot be made: ${there} is of the kernel, and keeps no files`, {
    hint: 'name a folder on a disk, or on a mounted share',
  });
}

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
