import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The folder itself, or the nearest one above it that is there. */
export async function nearest(folder: string): Promise<string> {
  const there = await access(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  return there || folder === dirname(folder) ? folder : await nearest(dirname(folder));
}

/** Whether this user may make, replace and remove files in a folder, or make the folder where it is not there. */
export async function isWritable(folder: string): Promise<boolean> {
  return await access(await nearest(folder), constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
