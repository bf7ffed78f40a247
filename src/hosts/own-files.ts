import { createHash } from 'node:crypto';
import { chmod, cp, lchown, lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { BelayError } from '../errors';
import { errnoOf, listFolder, makeFolder, removeFolder } from './file';
import type { HostPaths, ServiceKey } from './home';
import { makeWhole } from './make-whole';
import { reading } from './on-disk';

/** A file or folder of a project of which a revision has its own copy, under the digest of its content. */
export interface OwnFiles {
  from: string;
  digest: string;
  /** Paths of files in it that releases write: what stands beside them for the next release is left out. */
  written?: string[];
}

/** Most bytes of one copy: every plan reads all of it. */
const most = 16 * 1024 ** 2;

interface Reading extends Pick<OwnFiles, 'from' | 'written'> {
  /** Texts of files, by their absolute paths, that are not written yet. */
  overlay?: Record<string, string>;
}

/**
 * SHA-256 of a file or folder: names, modes, links and contents. Times and owners do not count. Throws `input-invalid`
 * where it is missing or too large.
 */
export async function digestOfFiles(files: Reading): Promise<string> {
  const hash = createHash('sha256');
  let left = most;
  for await (const { content, line } of linesOf(files, '')) {
    left -= content?.length ?? 0;
    if (left < 0) throw tooLarge(files.from);
    const sum = content && createHash('sha256').update(content).digest('hex');
    hash.update(`${JSON.stringify([...line, sum ?? ''])}\n`);
  }
  return hash.digest('hex');
}

interface Line {
  line: Array<string | number>;
  content?: Buffer;
}

async function* linesOf(files: Reading, within: string): AsyncGenerator<Line> {
  const path = join(files.from, within);
  const given = files.overlay?.[path];
  const found = await reading(path, () => (within ? lstat(path) : stat(path)).catch(ignoreAbsent));
  const mode = (found?.mode ?? 0o600) & 0o7777;
  if (given !== undefined) yield { line: ['file', within, mode], content: Buffer.from(given) };
  else if (!found) throw missing(path);
  else if (found.isSymbolicLink()) yield { line: ['link', within, await readlink(path)] };
  else if (found.isFile()) {
    if (found.size > most) throw tooLarge(path);
    yield { line: ['file', within, mode], content: await reading(path, () => readFile(path)) };
  } else if (found.isDirectory()) {
    yield { line: ['folder', within, mode] };
    for (const name of await namesIn(path, files)) yield* linesOf(files, join(within, name));
  }
}

/** Sorted, with files that are not written yet. */
async function namesIn(folder: string, { overlay = {}, written }: Reading): Promise<string[]> {
  const coming = Object.keys(overlay).flatMap((path) =>
    path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1).split('/')[0]!] : [],
  );
  const all = new Set([...(await listFolder(folder)), ...coming]);
  return [...all].filter((name) => !isBeside(join(folder, name), written)).sort();
}

/** True for an example that the next migration compares with, and for former files. */
const isBeside = (path: string, written: string[] = []): boolean =>
  written.some((one) => path.startsWith(one) && /^\.base$|^(\.base)?\.before-/.test(path.slice(one.length)));

/** Ensures that each copy is there, with modes and owners, whole or not at all. Throws `config-changed`. */
export async function keepFiles(paths: HostPaths, key: ServiceKey, files: OwnFiles[]): Promise<void> {
  for (const { from, digest, written } of files) {
    const to = paths.ownFiles(key, digest);
    if (await isThere(to)) continue;
    await makeFolder(paths.allOwnFiles(key));
    await makeWhole(to, async (temporary) => {
      const real = await realpath(from);
      const filter = (path: string) => !isBeside(join(from, relative(real, path)), written);
      await cp(real, temporary, { recursive: true, verbatimSymlinks: true, filter });
      await giveAs(real, temporary);
      if ((await digestOfFiles({ from: temporary })) !== digest) throw changed(from);
    });
  }
}

/** Removes all copies but these. */
export async function sweepFiles(paths: HostPaths, key: ServiceKey, kept: OwnFiles[]): Promise<void> {
  const folder = paths.allOwnFiles(key);
  const others = (await listFolder(folder)).filter((name) => !kept.some(({ digest }) => digest === name));
  await Promise.all(others.map((name) => removeFolder(join(folder, name))));
}

/** Modes, and owners where this user may give files away. */
async function giveAs(from: string, to: string): Promise<void> {
  const found = await lstat(from);
  if (process.getuid?.() === 0) await lchown(to, found.uid, found.gid);
  if (found.isSymbolicLink()) return;
  await chmod(to, found.mode & 0o7777);
  if (found.isDirectory()) for (const name of await readdir(to)) await giveAs(join(from, name), join(to, name));
}

const isThere = (path: string): Promise<boolean> =>
  reading(path, () => lstat(path).catch(ignoreAbsent)).then((found) => found !== undefined);

function ignoreAbsent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
}

const missing = (path: string): BelayError =>
  new BelayError('input-invalid', `${path} is not there`, {
    hint: 'write it on the host, in the folder of belay.yaml',
  });

const tooLarge = (path: string): BelayError =>
  new BelayError('input-invalid', `${path} has more than 16 MiB`, {
    hint: 'name only configuration; larger files belong into the image, or into a volume',
  });

const changed = (path: string): BelayError =>
  new BelayError('config-changed', `${path} has changed since the plan was made`, {
    hint: 'start the release again: the new plan shows what has changed',
  });
