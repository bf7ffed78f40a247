import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BelayError } from '../../../errors';
import { makeFolder, removeFile, removeFolder } from '../../../hosts/file';
import { hostPaths } from '../../../hosts/home';
import { withLock } from '../../../hosts/lock';
import { renameForGood } from '../../../hosts/make-whole';
import { writing } from '../../../hosts/on-disk';
import { syncTree } from '../../../hosts/sync-tree';
import type { PinnedFile } from '../../../model/artifact';
import { copy } from './copy';
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

/**
 * Ensures that the host has the content. It appears whole and with its checksum, or not at all. Where several services
 * want the same, one gets it and the others wait.
 */
export async function getContent(getting: Getting): Promise<void> {
  const { home, artifact, source, signal } = getting;
  signal?.throwIfAborted();
  const content = contentOf(home, artifact);
  if (await isThere(content)) return;
  const lock = hostPaths(home).comingLock(artifact.sha256);
  const folder = hostPaths(home).comingArtifact(artifact.sha256);
  await withLock({ file: lock, signal }, async () => {
    try {
      if (await isThere(content)) return;
      await removeFolder(folder);
      await makeFolder(folder);
      await appear(home, { made: await make(getting, folder), content });
    } catch (error) {
      throw missing(error, source);
    } finally {
      // The first error is the one to report.
      await removeFolder(folder).catch(() => undefined);
      await removeFile(lock).catch(() => undefined);
    }
  });
}

/** A drop removes contents under the same lock, and so never one that comes. */
async function appear(home: string, { made, content }: { made: string; content: string }): Promise<void> {
  await writing(content, async () => {
    await syncTree(made);
    await withLock({ file: hostPaths(home).artifactsLock }, async () => {
      await makeFolder(dirname(content));
      await renameForGood(made, content);
    });
  });
}

/** Makes the content, and checks it. Returns its path in the folder. */
function make({ artifact, source, signal }: Getting, folder: string): Promise<string> {
  const made = join(folder, 'content');
  return writing(folder, async () => {
    if (source.form === 'none') await mkdir(made);
    else if (source.form === 'folder') {
      await copy(source.place, made);
      await check(artifact, digestOfFolder(made));
    } else {
      const raw = isArchive(source) ? join(folder, 'archive') : made;
      await check(artifact, receive(source, raw, signal));
      if (raw !== made) await unpack(raw, made);
    }
    return made;
  });
}

/** Writes the file of a source to the path. Returns its SHA-256. */
async function receive(source: FileSource, path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const seen = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(await open(source, signal), seen, createWriteStream(path, { mode: 0o755 }), { signal });
  return hash.digest('hex');
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

async function check({ source, sha256 }: PinnedFile, found: Promise<string>): Promise<void> {
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
