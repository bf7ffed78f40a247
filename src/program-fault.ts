import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/**
 * Returns why a program cannot be started in the folder, in words; undefined if it can. As execvp looks for it: a name
 * without a slash on PATH, anything else from the folder.
 */
export async function programFault(program: string, folder: string): Promise<string | undefined> {
  if (program.includes('/')) return await notExecutable(resolve(folder, program));
  const places = (process.env.PATH ?? '').split(delimiter);
  for (const place of places) if (!(await notExecutable(resolve(folder, place, program)))) return undefined;
  return 'is not on the PATH of this process';
}

async function notExecutable(file: string): Promise<string | undefined> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error.code);
  if (found === 'ENOENT') return 'is not there';
  if (typeof found !== 'object') return `cannot be looked at (${found})`;
  if (!found.isFile()) return 'is not a file';
  return await access(file, constants.X_OK).then(
    () => undefined,
    () => 'may not be run by this user: chmod +x makes it a program',
  );
}

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
