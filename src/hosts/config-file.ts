import { readFile, readlink, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BelayError } from '../errors';
import { errnoOf, nearestFolder, removeFile, writeAtomic } from './file';
import { reading } from './on-disk';

/** Returns the text of a configuration file; undefined if it does not exist. Throws `input-invalid` if it is no UTF-8 or a link to nothing. */
export async function readConfig(path: string): Promise<string | undefined> {
  const data = await bytesOf(path);
  const text = data?.toString('utf8');
  if (data && !Buffer.from(text!, 'utf8').equals(data))
    throw new BelayError('input-invalid', `${path} is not UTF-8 text`, {
      hint: 'convert it first (iconv -t utf-8): Belay keeps each byte that it does not change',
    });
  return text;
}

const bytesOf = (path: string): Promise<Buffer | undefined> =>
  reading(path, () =>
    readFile(path).catch(async (error) => {
      if (errnoOf(error) === 'ENOENT') return await refuseLink(path);
      if (errnoOf(error) !== 'EISDIR') throw error;
      throw new BelayError('input-invalid', `${path} is a folder`, { hint: 'name a file' });
    }),
  );

/** A file in its place would take the link away. */
async function refuseLink(path: string): Promise<undefined> {
  const target = await readlink(path).catch(() => undefined);
  if (target === undefined) return undefined;
  throw new BelayError('input-invalid', `${path} is a link to ${target}, which is not there`, {
    hint: 'make that file, or remove the link',
  });
}

export interface Replacement {
  path: string;
  /** The text that the new one was made from; undefined for a file that did not exist. */
  before: string | undefined;
  text: string;
  now: Date;
}

/**
 * Replaces a configuration file atomically, with its mode and owner, and keeps the former one beside it. Returns the
 * path of that one. A link stays a link. Throws `input-invalid` if another program has changed the file meanwhile.
 */
export async function replaceConfig({ path, before, text, now }: Replacement): Promise<string | undefined> {
  if (before === undefined) {
    await writeAtomic({ path, data: text, owner: await ownerAround(path) });
    return undefined;
  }
  const target = await reading(path, () => realpath(path));
  const like = await likeOf(target);
  const kept = keptAs(target, now);
  await writeAtomic({ path: kept, data: before, ...like });
  if ((await readConfig(target)) !== before) {
    await removeFile(kept);
    throw new BelayError('input-invalid', `${path} has changed meanwhile`, { hint: 'start this again' });
  }
  await writeAtomic({ path: target, data: text, ...like });
  return kept;
}

/** Keeps a copy of the file beside it, with its mode and owner, under the name that `replaceConfig` gives it. */
export async function keepFormer(path: string, now: Date): Promise<void> {
  const data = await readConfig(path);
  if (data === undefined) return;
  const target = await realPath(path);
  await writeAtomic({ path: keptAs(target, now), data, ...(await likeOf(target)) });
}

/** The path of the former file of a change at that time; links lead to it as to the file. */
export const formerPath = async (path: string, now: Date): Promise<string> => keptAs(await realPath(path), now);

/** Notes beside a file that is not there yet that a change at that time makes it. */
export const keepAbsence = async (path: string, now: Date): Promise<void> =>
  writeAtomic({ path: await absencePath(path, now), data: '' });

export const absencePath = async (path: string, now: Date): Promise<string> =>
  keptAs(`${await realPath(path)}.none`, now);

/** Replaces the file by the former one, with that one's mode and owner. */
export async function takeFormer(path: string, now: Date): Promise<void> {
  const former = await formerPath(path, now);
  const data = (await readConfig(former))!;
  await writeAtomic({ path: await realPath(path), data, ...(await likeOf(former)) });
}

const keptAs = (target: string, now: Date): string => `${target}.before-${now.toISOString().replace(/[-:]/g, '')}`;

const realPath = (path: string): Promise<string> =>
  reading(path, () =>
    realpath(path).catch((error) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
      return path;
    }),
  );

/** The owner of the folder, for whom a worker that runs as root makes a file. */
async function ownerAround(path: string) {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(await nearestFolder(dirname(path)));
  return { uid, gid };
}

async function likeOf(path: string) {
  const { mode, uid, gid } = await stat(path);
  return { mode: mode & 0o7777, owner: { uid, gid } };
}

/** Keeps an example beside its file, with that file's owner: the next migration compares with it. */
export async function keepExample({ path, text, file }: { path: string; text: string; file: string }): Promise<void> {
  const { uid, gid } = await stat(file);
  await writeAtomic({ path, data: text, mode: 0o644, owner: { uid, gid } });
}
