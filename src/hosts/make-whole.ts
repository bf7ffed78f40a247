import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from './file';
import { writing } from './on-disk';
import { syncTree } from './sync-tree';

/** Makes a file or folder, which appears whole or not at all, after a power failure too. */
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
