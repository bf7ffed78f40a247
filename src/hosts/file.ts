import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reading, writing } from './on-disk';

/** Returns the text of a file, or undefined if it does not exist. */
export async function readText(path: string): Promise<string | undefined> {
  return reading(path, () => readFile(path, 'utf8').catch(ignoreAbsent));
}

/** Returns the names in a folder, sorted; an empty list if the folder does not exist. */
export async function listFolder(path: string): Promise<string[]> {
  const names = await reading(path, () => readdir(path).catch(ignoreAbsent));
  return (names ?? []).sort();
}

/** Ensures that the folder exists; created folders are for their owner only (0700). */
export async function makeFolder(path: string): Promise<void> {
  await writing(path, () => makeLevels(path));
}

/** Node's own `recursive` never ends below /proc, where no folder can be made in one that exists. */
async function makeLevels(path: string): Promise<void> {
  try {
    await makeLevel(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await makeLevels(dirname(path));
    await makeLevel(path);
  }
}

async function makeLevel(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
  }
}

/** Returns the folder itself, or its nearest parent that exists. */
export async function nearestFolder(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  return isThere || folder === dirname(folder) ? folder : await nearestFolder(dirname(folder));
}

/**
 * Replaces a file atomically. A reader finds the former content or the new one whole, and so does the host after a
 * power failure. The content is written and synced before the rename, and the folder after it. (write-file-atomic does
 * not check the written length: on a full disk it renames a torn file over a good one.)
 */
export async function writeAtomic({
  path,
  mode = 0o600,
  ...rest
}: Omit<NewFile, 'mode'> & { mode?: number }): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await writing(path, async () => {
    try {
      await writeNew({ path: temporary, mode, ...rest });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined); // The first error is the one to report.
      throw error;
    }
    await syncPath(dirname(path));
  });
}

/** Writes a new file to the disk. Throws EEXIST if one exists, and `disk-full` rather than leaving half a file. */
export const writeWhole = (file: NewFile): Promise<void> => writing(file.path, () => writeNew(file));

interface NewFile {
  path: string;
  data: string | Uint8Array;
  mode: number;
  /** The user of this process where absent. */
  owner?: { uid: number; gid: number };
}

async function writeNew({ path, data, mode, owner }: NewFile): Promise<void> {
  await withFile(await open(path, 'wx', mode & 0o600), async (file) => {
    if (owner) await file.chown(owner.uid, owner.gid);
    await file.chmod(mode);
    await file.writeFile(data);
    await file.sync();
  });
}

/** Ensures that a file's content, or a rename, a link or a removal in a folder, survives a power failure. */
export async function syncPath(path: string): Promise<void> {
  await withFile(await open(path, 'r'), (opened) => opened.sync());
}

/** Ensures that the file does not exist. */
export async function removeFile(path: string): Promise<void> {
  await writing(path, () => rm(path, { force: true }));
}

/** Ensures that the folder does not exist, even while another process writes into it. */
export async function removeFolder(path: string): Promise<void> {
  await writing(path, () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }));
}

/** Removes the folder if it is empty. */
export async function removeEmptyFolder(path: string): Promise<void> {
  await rmdir(path).catch((error) => {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error;
  });
}

async function withFile(file: FileHandle, act: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await act(file);
  } finally {
    await file.close();
  }
}

export const errnoOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

function ignoreAbsent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
}
