import { z } from 'zod';
import { listFolder, removeFile } from './file';
import { fileFormat } from './format';
import { hostPaths, type ServiceKey } from './home';
import { readJson, writeJson } from './json-file';
import { withLock } from './lock';

/** What a revision keeps of the files that its units run. */
const KeptFiles = z.looseObject({
  format: z.literal(1),
  /** Absent for what stood on the host before the first release. */
  sha256: z.string().optional(),
  bytes: z.number(),
  /** Milliseconds since 1970. */
  madeAt: z.number(),
  /** Folders with copies for the units. */
  placed: z.array(z.string()),
  /** Paths of links that lead into these folders. */
  links: z.array(z.string()),
  /** For revision 0: the units that ran before the first release, with the path of a link and what stood there. */
  found: z
    .array(z.object({ unit: z.string(), link: z.string().optional(), original: z.string().optional() }))
    .optional(),
});
export type KeptFiles = z.infer<typeof KeptFiles>;
const keptFormat = fileFormat(KeptFiles);

export interface KeptKey extends ServiceKey {
  revision: number;
}

interface Home {
  home: string;
}

export const keptFiles = ({ home }: Home, key: KeptKey): Promise<KeptFiles | undefined> =>
  readJson(pathOf(home, key), keptFormat);

type Changed = Omit<KeptFiles, 'format'> | undefined;

/** Changes what a revision keeps; other steps of the service may do so at the same time. Undefined: no change. */
export const changeKeptFiles = (
  { home }: Home,
  key: KeptKey,
  change: (before: KeptFiles | undefined) => Changed | Promise<Changed>,
): Promise<void> =>
  withLock({ file: hostPaths(home).artifactsLock }, async () => {
    const after = await change(await keptFiles({ home }, key));
    if (after) await writeJson(pathOf(home, key), { ...after, format: 1 });
  });

/**
 * Removes what a revision keeps. `removeContent` is called first, unless another revision has the same content: a second
 * try finds what a first one has left. Returns the bytes that are free then.
 */
export const removeKeptFiles = (
  { home }: Home,
  key: KeptKey,
  removeContent: (sha256: string) => Promise<void>,
): Promise<number> =>
  withLock({ file: hostPaths(home).artifactsLock }, async () => {
    const kept = await keptFiles({ home }, key);
    if (!kept) return 0;
    const { sha256, bytes } = kept;
    const isShared = sha256 !== undefined && (await keepersOf({ home }, sha256)).length > 1;
    if (sha256 !== undefined && !isShared) await removeContent(sha256);
    await removeFile(pathOf(home, key));
    return isShared ? 0 : bytes;
  });

async function keepersOf({ home }: Home, sha256: string): Promise<KeptFiles[]> {
  const all = await Promise.all((await allKeptRevisions({ home })).map((key) => keptFiles({ home }, key)));
  return all.flatMap((one) => (one?.sha256 === sha256 ? one : []));
}

/** Returns the revisions of a service that keep files, in the order of their numbers. */
export async function keptRevisions({ home }: Home, key: ServiceKey): Promise<KeptKey[]> {
  const names = await listFolder(hostPaths(home).keptArtifacts(key));
  const numbers = names.flatMap((name) => /^r(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
  return numbers.sort((a, b) => a - b).map((revision) => ({ ...key, revision }));
}

/** Returns every revision of any service that keeps files. */
export async function allKeptRevisions({ home }: Home): Promise<KeptKey[]> {
  const root = `${hostPaths(home).artifacts}/revisions`;
  const found: KeptKey[] = [];
  for (const platform of await listFolder(root))
    for (const service of await listFolder(`${root}/${platform}`))
      found.push(...(await keptRevisions({ home }, { platform, service })));
  return found;
}

const pathOf = (home: string, { revision, ...key }: KeptKey): string =>
  `${hostPaths(home).keptArtifacts(key)}/r${revision}.json`;
