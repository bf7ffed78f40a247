import { createReadStream, createWriteStream } from 'node:fs';
import { link, mkdir, open, realpath, symlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { BelayError } from '../../../errors';
import { nearestFolder } from '../../../hosts/file';

/** Unpacks a tar archive, gzipped or not, into a new folder. Owners are left out; nothing is written outside of it. */
export async function unpack(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const root = await realpath(folder);
  const unpacking = extract();
  const source = createReadStream(archive);
  const reading = (await isGzipped(archive))
    ? pipeline(source, createGunzip(), unpacking)
    : pipeline(source, unpacking);
  const failed = reading.then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    for await (const entry of unpacking) {
      await write(root, entry);
      entry.resume();
    }
  } catch (error) {
    if (error instanceof BelayError || isOfDisk(error)) throw error;
    throw unreadable(error);
  }
  const error = await failed;
  if (error) throw isOfDisk(error) ? error : unreadable(error);
}

const isOfDisk = (error: unknown): boolean => (error as NodeJS.ErrnoException | undefined)?.syscall !== undefined;

const unreadable = (cause: unknown): BelayError =>
  new BelayError('image-unknown', `the archive cannot be read: ${(cause as Error).message}`, {
    hint: 'make it with tar -czf',
    cause,
  });

async function isGzipped(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

type Entry = ReturnType<typeof extract> extends AsyncIterable<infer E> ? E : never;

async function write(folder: string, entry: Entry): Promise<void> {
  const { name, type, mode = 0o644, linkname } = entry.header;
  const path = await within(folder, name);
  if (type === 'directory') return void (await mkdir(path, { recursive: true }));
  await mkdir(dirname(path), { recursive: true });
  if (type === 'symlink') return await symlink(linkname!, path);
  if (type === 'link') return await link(await within(folder, linkname ?? ''), path);
  if (type === 'file' || type === 'contiguous-file')
    await pipeline(entry, createWriteStream(path, { mode: (mode & 0o111) === 0 ? 0o644 : 0o755, flags: 'wx' }));
}

/** A link in the archive may lead anywhere, but nothing is written or linked through it: the real folder counts. */
async function within(folder: string, name: string): Promise<string> {
  const path = resolve(folder, name.replace(/^\/+/, ''));
  if (path === folder) return path;
  if (isIn(folder, path) && isIn(folder, await realpath(await nearestFolder(dirname(path))))) return path;
  throw leadsOut(name);
}

const isIn = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`);

const leadsOut = (name: string): BelayError =>
  new BelayError('image-unknown', `the archive leads out of its folder: ${name}`, {
    hint: 'make it with names below its top folder',
  });
