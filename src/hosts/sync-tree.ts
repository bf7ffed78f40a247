import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { syncPath } from './file';

/** Syncs at a time: the file system then writes several in one go. */
const atOnce = 16;

/** Ensures that a file, or a folder with everything in it, survives a power failure. Links have no content of theirs. */
export async function syncTree(path: string): Promise<void> {
  const all = await contentsOf(path);
  const syncRest = async () => {
    for (let next = all.pop(); next !== undefined; next = all.pop()) await syncPath(next);
  };
  await Promise.all(Array.from({ length: atOnce }, syncRest));
}

/** The path itself, and the files and folders in it. */
async function contentsOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTDIR') throw error;
      return [];
    },
  );
  const inner = entries.filter((one) => one.isFile() || one.isDirectory());
  return [path, ...inner.map((one) => join(one.parentPath, one.name))];
}
