import { constants } from 'node:fs';
import { chmod, copyFile, lchown, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a file, or of all files in a folder. */
export async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.size ?? 0;
  const inner = await readdir(path);
  return (await Promise.all(inner.map((name) => sizeOf(join(path, name))))).reduce((sum, one) => sum + one, 0);
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
