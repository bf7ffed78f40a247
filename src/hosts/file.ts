import { randomBytes } from 'node:crypto';
import {
  access,
  constants,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { reading, writing } from './on-disk';

/** The text of a file, or undefined where there is none. */
export async function readText(path: string): Promise<string | undefined> {
  return reading(path, () => readFile(path, 'utf8').catch(ignoreAbsent));
}

/** Names in a folder, sorted; none where there is no folder. */
export async function listFolder(path: string): Promise<string[]> {
  const names = await reading(path, () => readdir(path).catch(ignoreAbsent));
  return (names ?? []).sort();
}

/** The folder exists; whatever had to be made is for its owner only (0700). */
export async function makeFolder(path: string): Promise<void> {
  await writing(path, async () => {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      // Where the file system is read-only, Node says that nothing is there.
      if (errnoOf(error) === 'ENOENT') await access(await standing(path), constants.W_OK);
      throw error;
    }
  });
}

/** The folder itself, or the nearest one above it that is there. */
export async function standing(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  return isThere || folder === dirname(folder) ? folder : await standing(dirname(folder));
}

/**
 * Replaces a file in one move: a reader, or the host after a power failure, finds the former content or the new one whole.
 * The whole is written and synced before the rename, and the folder after it. (write-file-atomic does not check how
 * much was written: on a full disk it renames a torn file over a good one.)
 */
export async function writeAtomic({
  path,
  data,
  mode = 0o600,
}: {
  path: string;
  data: string | Uint8Array;
  mode?: number;
}): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await writing(path, async () => {
    try {
      await writeNew({ path: temporary, data, mode });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined); // What was in the way first is what counts.
      throw error;
    }
    await syncFolder(dirname(path));
  });
}

/** Writes a new file to the disk; throws EEXIST where one stands, and `disk-full` rather than leaving half without a word. */
export const writeWhole = (file: NewFile): Promise<void> => writing(file.path, () => writeNew(file));

interface NewFile {
  path: string;
  data: string | Uint8Array;
  mode: number;
}

async function writeNew({ path, data, mode }: NewFile): Promise<void> {
  await withFile(await open(path, 'wx', mode), async (file) => {
    await file.chmod(mode);
    await file.writeFile(data);
    await file.sync();
  });
}

/** A rename, a link or a removal in the folder outlasts a power failure. */
export async function syncFolder(path: string): Promise<void> {
  await withFile(await open(path, 'r'), (folder) => folder.sync());
}

/** The file is gone. */
export async function removeFile(path: string): Promise<void> {
  await writing(path, () => rm(path, { force: true }));
}

/** The folder is gone with all that is in it, also where somebody is just writing into it. */
export async function removeFolder(path: string): Promise<void> {
  await writing(path, () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }));
}

/** The folder is gone, unless something is in it. */
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
