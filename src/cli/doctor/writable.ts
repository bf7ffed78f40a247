import { access, constants } from 'node:fs/promises';
import { standing } from '../../hosts/file';

/** Whether this user may make, replace and remove files in a folder, or make the folder where it is not there. */
export async function isWritable(folder: string): Promise<boolean> {
  return await access(await standing(folder), constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
