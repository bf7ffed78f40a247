import { wayToRoom } from '../errors';
import type { Room } from '../hosts/disk';
import { sizeText } from '../model/quantities';
import { type Finding, fail, ok, warn } from './finding';

const megabyte = 1_000_000;

/** Free bytes that a host needs: where something of unknown size is pulled, and where instances are only launched. */
export const leastRoom = { pull: 256 * megabyte, launch: 32 * megabyte };
const leastFiles = 1_000;
/** Layers unpack to about this many times their size, and each is there twice for a while. */
const unpacked = 3;

/** What is about to be fetched. */
export interface Download {
  /** `image shop/api:2`. */
  name: string;
  /** Compressed bytes that the host lacks. */
  bytes: number;
}

/** Checks the room for a release that needs `least` bytes. Pure. */
export function diskFinding({ folder, free, files }: Room, least: number): Finding {
  if (free < least)
    return fail(
      'disk',
      `${folder}: ${sizeText(free)} of disk are free, and a release needs ${sizeText(least)}`,
      wayToRoom,
    );
  if (files !== undefined && files < leastFiles)
    return fail('disk', `${folder}: no room for more than ${files} files (df -i)`, wayToRoom);
  return ok('disk', `${folder}: ${sizeText(free)} free`);
}

/** Checks the room for a download whose size is known. Pure. */
export function downloadFinding(room: Room, { name, bytes }: Download): Finding {
  const { folder, free, compresses } = room;
  const least = diskFinding(room, leastRoom.launch);
  if (least.state === 'fail') return least;
  const has = `${folder}: ${sizeText(free)} of disk are free, and the ${name} is a download of ${sizeText(bytes)}`;
  // A file system that compresses may store layers in less than their own size.
  if (bytes > free && !compresses) return fail('disk', has, wayToRoom);
  if (bytes * unpacked > free) return warn('disk', `${has}, about ${sizeText(bytes * unpacked)} unpacked`, wayToRoom);
  return least;
}

/** The most bytes of a download that raise no question on this disk. Pure. */
export const easyDownload = (free: number): number => free / unpacked;
