import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { errnoOf, listFolder, removeFile, removeFolder } from './file';
import { fileFormat } from './format';
import { hostPaths } from './home';
import { readJson, writeJson } from './json-file';
import { hmacKey } from './machine';

const keptFile = fileFormat(z.looseObject({ format: z.literal(1), project: z.unknown() }));

interface Place {
  home: string;
  platform: string;
}

/** Returns a name for all that was read; its content cannot be guessed from it without the host's key. */
export async function digestOf(home: string, read: unknown): Promise<string> {
  return createHmac('sha256', await hmacKey(home))
    .update(JSON.stringify(['project', read]))
    .digest('hex');
}

/** Returns the project that was resolved from exactly this input, with its values; undefined if none is kept. */
export async function keptProject({ home, platform, digest }: Place & { digest: string }): Promise<unknown> {
  return (await readJson(pathOf({ home, platform, digest }), keptFile))?.project;
}

/**
 * Keeps the project for its owner only (0600) until the release is over, and removes those of other digests. Nothing is
 * kept if another release of the platform ends at this moment: Compose is then asked again.
 */
export async function keepProject({
  home,
  platform,
  digest,
  project,
}: Place & { digest: string; project: unknown }): Promise<void> {
  const own = pathOf({ home, platform, digest });
  await writeJson(own, { format: 1, project }).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error; // Another release removed the folder.
  });
  // Another process may be writing the other files.
  const isOther = (path: string) => path !== own && path.endsWith('.json');
  await Promise.all((await keptFiles({ home, platform })).filter(isOther).map(removeFile));
}

/** Removes all kept projects of a platform. */
export const forgetProjects = ({ home, platform }: Place): Promise<void> =>
  removeFolder(hostPaths(home).projects(platform));

/** Returns the paths of a platform's kept projects. */
export async function keptFiles({ home, platform }: Place): Promise<string[]> {
  const folder = hostPaths(home).projects(platform);
  return (await listFolder(folder)).map((name) => join(folder, name));
}

const pathOf = ({ home, platform, digest }: Place & { digest: string }): string =>
  join(hostPaths(home).projects(platform), `${digest}.json`);
