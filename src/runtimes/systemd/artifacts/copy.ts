import { constants } from 'node:fs';
import { chmod, copyFile, lchown, lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncPath } from '../../../hosts/file';
import { writing } from '../../../hosts/on-disk';
import { syncTree } from '../../../hosts/sync-tree';

/** Bytes of a file, or of all files in a folder. */
export async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.size ?? 0;
  const inner = await readdir(path);
  return (await Promise.all(inner.map((name) => sizeOf(join(path, name))))).reduce((sum, one) => sum + one, 0);
}

/** Makes a folder, which appears whole or not at all, after a power failure too. */
export async function makeWhole(to: string, make: (path: string) => Promise<void>): Promise<void> {
  const temporary = `${to}.tmp`;
  await writing(to, async () => {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(dirname(to), { recursive: true, mode: 0o755 });
    try {
      await make(temporary);
      await syncTree(temporary);
      await renameForGood(temporary, to);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
  });
}

/** Renames a file or folder. The folder that it is in may be new too, so its own name is synced as well. */
export async function renameForGood(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncPath(dirname(to));
  await syncPath(dirname(dirname(to)));
}

/** Where the file system can share blocks, it does. */
export async function copy(from: string, to: string): Promise<void> {
  const found = await lstat(from);
  if (found.isSymbolicLink()) return await symlink(await readlink(from), to);
  if (found.isFile()) return await copyFile(from, to, constants.COPYFILE_FICLONE);
  if (!found.isDirectory()) return;
  await mkdir(to);
  for (const name of await readdir(from)) await copy(join(from, name), join(to, name));
}

export interface Rights {
  uid: number;
  gid: number;
  /** Of folders; executables get it without w, other files without x. */
  mode: number;
}

/** Gives everything below the path these rights. */
export async function giveRights(path: string, { uid, gid, mode }: Rights): Promise<void> {
  const found = await lstat(path);
  await lchown(path, uid, gid);
  if (found.isSymbolicLink()) return;
  const isProgram = (found.mode & 0o111) !== 0;
  await chmod(path, found.isDirectory() ? mode : isProgram ? mode & 0o555 : mode & 0o666);
  if (!found.isDirectory()) return;
  for (const name of await readdir(path)) await giveRights(join(path, name), { uid, gid, mode });
}
