import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { syncPath } from '../../hosts/file';
import { writing } from '../../hosts/on-disk';
import { isWithin } from './places';

/** What stands at a path. */
export interface Standing {
  kind: 'link' | 'folder' | 'file';
  /** Of a link: where it leads to, by its text alone. */
  text?: string;
  /** Of a link: where it leads to, from the real folder that it is in. */
  target?: string;
  /** The same for each name of one file. */
  inode: string;
  /** Milliseconds since 1970. */
  madeAt: number;
}

/** Returns what stands at the path; undefined if nothing does. */
export async function standing(path: string): Promise<Standing | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return undefined;
  const shared = { inode: `${found.dev}:${found.ino}`, madeAt: Math.floor(found.mtimeMs) };
  if (!found.isSymbolicLink()) return { kind: found.isDirectory() ? 'folder' : 'file', ...shared };
  const written = await readlink(path);
  const target = resolve(await realpath(dirname(path)), written);
  return { kind: 'link', text: resolve(dirname(path), written), target, ...shared };
}

/** True for a link that leads into one of the folders. Pure. */
export const leadsInto = ({ text }: Standing, folders: string[]): boolean =>
  text !== undefined && folders.some((folder) => isWithin(text, folder));

/** Replaces the link, or a file, in one rename, so that its path always leads to one of the two. */
export async function pointLink(path: string, target: string): Promise<void> {
  const wanted = isWithin(target, dirname(path)) ? relative(dirname(path), target) : target;
  if ((await readlink(path).catch(() => undefined)) === wanted) return;
  const temporary = `${path}.${randomBytes(6).toString('hex')}.belay`;
  await writing(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await symlink(wanted, temporary);
    try {
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncPath(dirname(path));
  });
}

/** Ensures that the link is gone, if it leads into one of the folders. */
export async function removeLink(path: string, folders: string[]): Promise<void> {
  const now = await standing(path);
  if (!now || !leadsInto(now, folders)) return;
  await writing(path, async () => {
    await rm(path, { force: true });
    await syncPath(dirname(path));
  });
}

/** Keeps what stands at the path under another name too. A folder has one name alone, and so leaves its path. */
export async function keepAs(path: string, other: string): Promise<void> {
  const [now, kept] = [await standing(path), await standing(other)];
  if (!now || now.inode === kept?.inode) return;
  await writing(other, async () => {
    await mkdir(dirname(other), { recursive: true, mode: 0o755 });
    await (now.kind === 'folder' ? rename(path, other) : link(path, other));
    await syncPath(dirname(other));
  });
}

/** Moves what stands at the path; a file takes the place of a link or another file in one step. Ignores a missing one. */
export async function moveTo(path: string, place: string): Promise<void> {
  const moved = await standing(path);
  if (!moved) return;
  await writing(place, async () => {
    if (moved.kind === 'folder') await rm(place, { force: true });
    await rename(path, place);
    await rm(path, { force: true }); // A rename leaves both names of one file.
    await syncPath(dirname(place));
  });
}

/** Returns a path like that one at which nothing stands, or what stands at `same` under another name. */
export async function freePath(path: string, same: string): Promise<string> {
  const inode = (await standing(same))?.inode;
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? path : `${path}-${number}`;
    const found = await standing(tried);
    if (found === undefined || found.inode === inode) return tried;
  }
}
