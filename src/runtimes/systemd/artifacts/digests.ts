import { createHash } from 'node:crypto';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOfFile } from '../../../hosts/digest';

/** SHA-256 of a folder: its names, contents, links, and which files are executable. Times and owners do not count. */
export async function digestOfFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const line of linesOf(folder, '')) hash.update(`${line}\n`);
  return hash.digest('hex');
}

async function* linesOf(folder: string, within: string): AsyncGenerator<string> {
  const names = (await readdir(join(folder, within))).sort();
  for (const name of names) {
    const path = join(within, name);
    const found = await lstat(join(folder, path));
    const shown = JSON.stringify(path);
    if (found.isSymbolicLink()) yield `link ${shown} ${JSON.stringify(await readlink(join(folder, path)))}`;
    else if (found.isDirectory()) {
      yield `folder ${shown}`;
      yield* linesOf(folder, path);
    } else if (found.isFile())
      yield `${(found.mode & 0o111) === 0 ? 'file' : 'program'} ${shown} ${await digestOfFile(join(folder, path))}`;
  }
}
