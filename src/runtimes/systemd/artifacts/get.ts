import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BelayError } from '../../../errors';
import { makeFolder } from '../../../hosts/file';
import { hostPaths } from '../../../hosts/home';
import { writing } from '../../../hosts/on-disk';
import type { PinnedFile } from '../../../model/artifact';
import { copyWhole } from './copy';
import { digestOfFolder } from './digests';
import { type FileSource, isArchive } from './reference';
import { unpack } from './unpack';

interface Getting {
  home: string;
  artifact: PinnedFile;
  source: FileSource;
  signal?: AbortSignal;
}

/** Where the content of an artifact is on the host: one file, or a folder. */
export const contentOf = (home: string, { sha256 }: Pick<PinnedFile, 'sha256'>): string =>
  join(hostPaths(home).artifact(sha256), 'content');

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Ensures that the host has the content. It appears whole and with its checksum, or not at all. */
export async function getContent({ home, artifact, source, signal }: Getting): Promise<void> {
  signal?.throwIfAborted();
  const content = contentOf(home, artifact);
  if (await isThere(content)) return;
  const folder = hostPaths(home).artifact(artifact.sha256);
  await makeFolder(folder);
  try {
    if (source.form === 'none') await writing(content, () => mkdir(content).then(() => undefined));
    else if (source.form === 'folder') await getFolder(artifact, source, content);
    else await getFile({ home, artifact, source, signal }, { folder, content });
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    throw missing(error, source);
  }
}

const getFolder = (artifact: PinnedFile, { place }: FileSource, content: string): Promise<void> =>
  copyWhole({
    to: content,
    make: async (made, copy) => {
      await copy(place, made);
      await check(artifact, digestOfFolder(made));
    },
  });

async function getFile(
  { artifact, source, signal }: Getting,
  { folder, content }: { folder: string; content: string },
): Promise<void> {
  const raw = join(folder, 'raw.tmp');
  await writing(raw, async () => {
    const hash = createHash('sha256');
    const seen = new Transform({
      transform(chunk, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(await open(source, signal), seen, createWriteStream(raw, { mode: 0o755 }), { signal });
    await check(artifact, hash.digest('hex'));
  });
  if (!isArchive(source)) return await writing(content, () => rename(raw, content));
  const unpacked = join(folder, 'unpacked.tmp');
  await writing(unpacked, () => unpack(raw, unpacked));
  await writing(content, async () => {
    await rename(unpacked, content);
    await rm(raw, { force: true });
  });
}

async function open({ form, place }: FileSource, signal?: AbortSignal): Promise<Readable> {
  if (form !== 'http') return createReadStream(place);
  const lost = (how: string) => (error: Error) => {
    signal?.throwIfAborted();
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new BelayError('registry-unreachable', `${shown(place)} ${how}: ${cause}`);
  };
  const answer = await fetch(place, { signal }).catch(lost('does not answer'));
  if (answer.ok && answer.body) return Readable.from(whole(answer.body, lost('breaks off')));
  const code = answer.status >= 500 ? 'registry-unreachable' : 'image-unknown';
  throw new BelayError(code, `${shown(place)} answers ${answer.status}`, {
    hint: 'look at the address in artifact.http of belay.yaml',
  });
}

async function* whole(body: AsyncIterable<Uint8Array>, fail: (error: Error) => never): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    fail(error as Error);
  }
}

/** An address without what may be a secret in it. */
export function shown(place: string): string {
  if (!/^https?:/.test(place)) return place;
  const { origin, pathname } = new URL(place);
  return `${origin}${pathname}`;
}

async function check({ source, sha256 }: PinnedFile, found: string | Promise<string>): Promise<void> {
  const digest = await found;
  if (digest !== sha256) throw mismatch(source, { wanted: sha256, found: digest });
}

export const mismatch = (place: string, { wanted, found }: { wanted: string; found: string }): BelayError =>
  new BelayError(
    'image-unknown',
    `${shown(place)} has the SHA-256 ${found.slice(0, 12)}…, and ${wanted.slice(0, 12)}… was expected`,
    { hint: 'it is another file than the one meant: build it again, or correct sha256 in belay.yaml' },
  );

export function missing(error: unknown, { place }: FileSource): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error instanceof BelayError || !['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code ?? '')) return error;
  const why = code === 'EISDIR' ? 'is a folder' : 'is not on this host';
  const hint =
    code === 'EISDIR'
      ? 'write it as folder'
      : 'build it, or correct artifact in belay.yaml; paths begin at the folder of belay.yaml';
  return new BelayError('image-unknown', `${place} ${why}`, { hint, cause: error });
}
