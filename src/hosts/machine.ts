import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { link, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { BelayError } from '../errors';
import { errnoOf, makeFolder, removeFile, syncPath, writeWhole } from './file';
import { hostPaths } from './home';
import { reading } from './on-disk';

const machineIdFiles = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
/** Files that Docker and Podman put into each container. */
const containerMarks = ['/.dockerenv', '/run/.containerenv'];
const keyBytes = 32;

/**
 * Returns the host's default name: `host-` and 8 hex digits of a SHA-256. The hash is of its machine id, else of its
 * network name.
 */
export function hostName(files: string[] = machineIdFiles): string {
  const id = files.map(readId).find((text) => text !== undefined) ?? hostname();
  return `host-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
}

/**
 * Tells if the default name outlives this process: a container without a machine id has another network name each time.
 */
export const hasLastingName = ({ ids = machineIdFiles, marks = containerMarks } = {}): boolean =>
  ids.some((file) => readId(file) !== undefined) || !isContainer(marks);

export const isContainer = (marks = containerMarks): boolean => marks.some((file) => existsSync(file));

function readId(file: string): string | undefined {
  try {
    const id = readFileSync(file, 'utf8').trim();
    return /^[0-9a-f]{32}$/.test(id) ? id : undefined; // systemd writes `uninitialized` into images.
  } catch {
    return undefined;
  }
}

/**
 * Returns the key that fingerprints environment values: 32 random bytes, created once, that never leave the host.
 * Throws `ledger-damaged` if the file holds something else.
 */
export async function hmacKey(home: string): Promise<Buffer> {
  const path = hostPaths(home).key;
  const key = (await readKey(path)) ?? (await makeKey(path));
  if (key.length === keyBytes) return key;
  throw new BelayError('ledger-damaged', `${path} holds ${key.length} bytes, and a key has ${keyBytes}`, {
    hint: `delete it: a new key is made, and the next plan shows every variable of the environment as changed`,
  });
}

/** Returns the key for comparing only; undefined if there is none, or this user may not read it. */
export const existingKey = (home: string): Promise<Buffer | undefined> =>
  readFile(hostPaths(home).key).then(
    (key) => (key.length === keyBytes ? key : undefined),
    () => undefined,
  );

/** A link cannot replace a file: among several processes the first key stays, and it is whole when it appears. */
async function makeKey(path: string): Promise<Buffer> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await makeFolder(dirname(path));
  try {
    await writeWhole({ path: temporary, data: randomBytes(keyBytes), mode: 0o600 });
    await link(temporary, path).catch(ignore('EEXIST'));
    await syncPath(dirname(path));
  } finally {
    await removeFile(temporary);
  }
  return readFile(path);
}

const readKey = (path: string): Promise<Buffer | undefined> =>
  reading(path, () => readFile(path).catch(ignore('ENOENT')));

const ignore =
  (code: string) =>
  (error: unknown): undefined => {
    if (errnoOf(error) !== code) throw error;
  };
