import { stat, statfs } from 'node:fs/promises';
import { sizeText } from '../model/quantities';
import { nearestFolder } from './file';

const megabyte = 1_000_000;

/** Free bytes that a host needs: where an image is pulled, and where instances are only launched. */
export const leastRoom = { pull: 256 * megabyte, launch: 32 * megabyte };
const leastFiles = 1_000;

/** Free space on the file system of a folder. */
export interface Room {
  folder: string;
  /** Bytes. */
  free: number;
  /** Files that may be made; undefined where the file system does not count them. */
  files?: number;
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
    const { bavail, bsize, files, ffree } = await statfs(folder);
    found.push({ folder, free: bavail * bsize, ...(files > 0 && { files: ffree }) });
  }
  return found;
}

/** Returns the problem if fewer than `least` bytes are free, else undefined. Pure. */
export function lack({ folder, free, files }: Room, least: number): string | undefined {
  if (free < least) return `${folder}: ${sizeText(free)} of disk are free, and a release needs ${sizeText(least)}`;
  if (files !== undefined && files < leastFiles) return `${folder}: no room for more than ${files} files (df -i)`;
  return undefined;
}
