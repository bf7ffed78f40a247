import { access, constants } from 'node:fs/promises';
import { nearestFolder } from '../../hosts/file';

/** Tells if this user may create, replace and remove files in a folder, or create the missing folder. */
export async function isWritable(folder: string): Promise<boolean> {
  return await access(await nearestFolder(folder), constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
