import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import { dockerClient } from './client';
import type { CreateOptions } from './create-options';
import { ask, askFor, statusOf, wordsOf } from './errors';
import { type ExecRequest, exec } from './exec';
import { create, start } from './launch';
import { logTail } from './log';

/** A container with its data, as a backup needs to see it. */
export interface ContainerFacts {
  id: string;
  /** The image's id. */
  image: string;
  running: boolean;
  /** Values may be secrets. */
  environment: Record<string, string>;
  /** Places of volumes and of folders of the machine, by their paths in the container. */
  mounts: Record<string, string>;
}

/** A folder of a container. */
export interface FolderOf {
  container: string;
  path: string;
  signal: AbortSignal;
}

/** All that backups ask of a Docker Engine. */
export interface Containers {
  /** Undefined if there is none of that name. */
  find(name: string): Promise<ContainerFacts | undefined>;
  exec(request: ExecRequest): AsyncIterable<Buffer>;
  /** True if the container has such a file or folder. */
  has(folder: FolderOf): Promise<boolean>;
  /** A tape archive of a folder, running or not: its paths begin with the folder's own name. Throws if it is missing. */
  read(folder: FolderOf): AsyncIterable<Buffer>;
  /** Unpacks a tape archive into an existing folder, running or not; what the archive does not name stays. */
  write(folder: FolderOf, archive: Readable): Promise<void>;
  create(name: string, options: CreateOptions): Promise<void>;
  start(name: string): Promise<void>;
  /** Ensures that the container is gone, and its anonymous volumes if nothing else has them. */
  discard(name: string): Promise<void>;
  logTail(name: string, lines: number): Promise<string>;
  /** Names of containers with all of these labels, running or not. */
  labelled(labels: Record<string, string>): Promise<string[]>;
}

export function dockerContainers({ docker = dockerClient() }: { docker?: Docker } = {}): Containers {
  return {
    find: (name) => find(docker, name),
    exec: (request) => exec(docker, request),
    has: (folder) => has(docker, folder),
    read: (folder) => read(docker, folder),
    write: (folder, archive) => write(docker, folder, archive),
    create: (name, options) => create(docker, name, options),
    start: (name) => start(docker, name),
    discard: (name) => discard(docker, name),
    logTail: (name, lines) => logTail(docker, name, lines),
    labelled: (labels) => labelled(docker, labels),
  };
}

async function find(docker: Docker, name: string): Promise<ContainerFacts | undefined> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found) return undefined;
  const variables = (found.Config.Env ?? []).map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return {
    id: found.Id,
    image: found.Image,
    running: found.State.Running,
    environment: Object.fromEntries(variables),
    mounts: Object.fromEntries(found.Mounts.map(({ Destination, Source }) => [Destination, Source])),
  };
}

async function has(docker: Docker, { container, path }: FolderOf): Promise<boolean> {
  // The client leaves the answer's connection open until it is read.
  const answer = await askFor(() => docker.getContainer(container).infoArchive({ path }));
  return answer?.resume() !== undefined;
}

async function* read(docker: Docker, { container, path, signal }: FolderOf): AsyncGenerator<Buffer> {
  const archive = (await ask(() => docker.getContainer(container).getArchive({ path })).catch((error) => {
    throw noFolder(container, path, error);
  })) as Readable;
  const abort = () => archive.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    yield* archive;
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', abort);
    archive.destroy();
  }
}

async function write(docker: Docker, { container, path, signal }: FolderOf, archive: Readable): Promise<void> {
  const request = { path, noOverwriteDirNonDir: true };
  const abort = () => archive.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  let failed: unknown;
  archive.on('error', (error) => {
    failed = error;
  });
  try {
    signal.throwIfAborted();
    await docker.getContainer(container).putArchive(archive, request);
  } catch (error) {
    if (failed !== undefined || signal.aborted) throw failed ?? signal.reason;
    throw noFolder(container, path, error);
  } finally {
    signal.removeEventListener('abort', abort);
    archive.destroy();
  }
}

function noFolder(container: string, path: string, error: unknown): unknown {
  const status = statusOf(error);
  if (status === undefined) return error;
  return new BelayError('backup-failed', `${path} of ${container} cannot be reached: ${wordsOf(error)}`, {
    hint: `see docker inspect ${container}`,
    cause: error,
  });
}

async function discard(docker: Docker, name: string): Promise<void> {
  await ask(() => docker.getContainer(name).remove({ force: true, v: true })).catch((error) => {
    if (statusOf(error) !== 404 && !/already in progress/.test(wordsOf(error))) throw error;
  });
}

async function labelled(docker: Docker, labels: Record<string, string>): Promise<string[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const found = await ask(() => docker.listContainers({ all: true, filters: { label } }));
  return found.map(({ Names, Id }) => Names[0]?.slice(1) ?? Id);
}
