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

/** A name for everything that was read, from which nothing of it can be tried out. */
export async function digestOf(home: string, read: unknown): Promise<string> {
  return createHmac('sha256', await hmacKey(home))
    .update(JSON.stringify(['project', read]))
    .digest('hex');
}

/** What was resolved from just this, values and all; undefined where nobody has kept it. */
export async function keptProject({ home, platform, digest }: Place & { digest: string }): Promise<unknown> {
  return (await readJson(pathOf({ home, platform, digest }), keptFile))?.project;
}

/**
 * Kept for its owner only (0600), until the release is over. Those of other digests are gone. Nothing is kept where another
 * release of the platform ends at this very moment: then Compose is asked again.
 */
export async function keepProject({
  home,
  platform,
  digest,
  project,
}: Place & { digest: string; project: unknown }): Promise<void> {
  const own = pathOf({ home, platform, digest });
  await writeJson(own, { format: 1, project }).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error; // Its folder was taken away.
  });
  const isOther = (path: string) => path !== own && path.endsWith('.json'); // Somebody may be writing the rest.
  await Promise.all((await keptFiles({ home, platform })).filter(isOther).map(removeFile));
}

/** Nothing is kept of a platform. */
export const forgetProjects = ({ home, platform }: Place): Promise<void> =>
  removeFolder(hostPaths(home).projects(platform));

/** Paths of what is kept of a platform. */
export async function keptFiles({ home, platform }: Place): Promise<string[]> {
  const folder = hostPaths(home).projects(platform);
  return (await listFolder(folder)).map((name) => join(folder, name));
}

const pathOf = ({ home, platform, digest }: Place & { digest: string }): string =>
  join(hostPaths(home).projects(platform), `${digest}.json`);
