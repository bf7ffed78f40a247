import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BelayError } from '../../errors';
import { errnoOf, listFolder, writeAtomic } from '../../hosts/file';
import { setNames } from '../sets';
import { type List, listText, parseList } from './list';

/** The end of the name of each list. */
export const listEnding = '.servers';

/** Returns the path of the file that holds the servers of a route's backend. Throws `proxy-refused` for no name of a file. */
export function pathOf(folder: string, key: string): string {
  if (/^\w[\w.-]*$/.test(key)) return join(folder, `${key}${listEnding}`);
  throw new BelayError('proxy-refused', `backend "${key}" cannot name a file`, {
    hint: "write the route's backend with letters, digits, hyphens, underscores and inner dots",
  });
}

/** Returns the backends of the files in the folder. */
export const keysIn = async (folder: string): Promise<string[]> =>
  (await listFolder(folder))
    .filter((name) => name.endsWith(listEnding))
    .map((name) => name.slice(0, -listEnding.length));

/** Returns the backend whose set this is. Throws `proxy-refused` for any other name. */
export function keyOf(backend: string): string {
  const key = backend.replace(/-(blue|green)$/, '');
  if (setNames(key).includes(backend)) return key;
  throw new BelayError('proxy-refused', `"${backend}" is no set of servers that Belay keeps for nginx`, {
    hint: 'a set is named api-blue or api-green, for a route with backend: api',
  });
}

/** Reads a list. Throws `proxy-refused` if there is none. */
export async function readList(folder: string, key: string): Promise<List> {
  const path = pathOf(folder, key);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BelayError(
      'proxy-refused',
      `${path}, the servers of backend ${key}, cannot be read (${errnoOf(cause)})`,
      {
        hint: 'belay doctor prints the lines that make it, and the upstream block that includes it',
        cause,
      },
    );
  });
  return parseList(text, { path, sets: setNames(key) });
}

/** Replaces a list whole, on the disk before it returns. Throws `proxy-refused`. */
export async function writeList(folder: string, key: string, list: List): Promise<void> {
  const path = pathOf(folder, key);
  try {
    await writeAtomic({ path, data: listText(list), mode: 0o644 });
  } catch (cause) {
    throw new BelayError('proxy-refused', `${path} could not be written: ${(cause as Error).message}`, {
      hint: `let the user that runs the worker write in ${folder}, where Belay replaces the file at every change`,
      cause,
    });
  }
}
