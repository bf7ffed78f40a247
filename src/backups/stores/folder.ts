import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refuseKernelFiles } from '../../hosts/disk';
import { errnoOf, makeFolder, nearestFolder, removeFile, syncPath } from '../../hosts/file';
import { reading, writing } from '../../hosts/on-disk';
import { damaged } from '../errors';
import type { Bytes } from '../source';
import { assertInside, type Store, type StoredFile, unfinished } from '../store';

/** A folder of this machine, or one that is mounted. Its files are for their owner only. */
export function folderStore({ folder }: { folder: string }): Store {
  const at = (path: string) => {
    assertInside(path);
    return join(folder, path);
  };
  return {
    place: folder,
    ready: async (path) => await ready(at(path)),
    put: async (path, data, signal) => await put(at(path), data, signal),
    get: (path, signal) => get(at(path), signal),
    list: async (path) => await list(at(path)),
    remove: async (path) => await removeFile(at(path)),
  };
}

async function ready(path: string): Promise<{ free: number }> {
  await refuseKernelFiles(path);
  const there = await nearestFolder(path);
  await writing(there, () => access(there, constants.W_OK | constants.X_OK));
  const { bavail, bsize } = await statfs(there);
  return { free: bavail * bsize };
}

async function put(path: string, data: Bytes, signal: AbortSignal): Promise<void> {
  const temporary = `${path}${unfinished}`;
  await makeFolder(dirname(path));
  try {
    await writing(path, async () => {
      await pipeline(Readable.from(data), createWriteStream(temporary, { mode: 0o600 }), { signal });
      await sync(temporary);
      await rename(temporary, path);
      await syncPath(dirname(path));
    });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // The first error is the one to report.
    throw signal.aborted ? signal.reason : error;
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

async function* get(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await reading(path, () => open(path, 'r')).catch((error) => {
    throw errnoOf(error) === 'ENOENT' ? damaged(`${path} is missing`) : error;
  });
  yield* createReadStream(path, { fd: file, signal, highWaterMark: 256 * 1024 });
}

async function list(path: string): Promise<StoredFile[]> {
  const names = await reading(path, () => readdir(path, { withFileTypes: true })).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((one) => one.isFile()).map(({ name }) => name);
  return await Promise.all(files.sort().map(async (name) => ({ name, bytes: (await stat(join(path, name))).size })));
}
