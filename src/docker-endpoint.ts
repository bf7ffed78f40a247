import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { BelayError } from './errors';

/** The address of an engine, and its origin. */
export interface DockerEndpoint {
  /** As `docker context` writes it: `unix:///var/run/docker.sock`. */
  host: string;
  /** The origin in words: `DOCKER_HOST`, or `the docker context remote`. */
  by: string;
  /** Set if neither a variable nor a context names an engine. */
  isUsual?: true;
  /** Folder of ca.pem, cert.pem and key.pem, from DOCKER_CERT_PATH or the context. */
  certificates?: string;
}

const standard = 'unix:///var/run/docker.sock';

/**
 * Returns the engine that the `docker` command of this environment uses. DOCKER_HOST names it, else the context of
 * DOCKER_CONTEXT or `docker context use`, else it is this machine's socket. Throws `input-invalid` for a context that
 * cannot be read.
 */
export function dockerEndpoint(env: NodeJS.ProcessEnv = process.env): DockerEndpoint {
  const folder = env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  if (env.DOCKER_HOST) {
    const certificates = env.DOCKER_TLS_VERIFY ? env.DOCKER_CERT_PATH || folder : undefined;
    return { host: env.DOCKER_HOST, by: 'DOCKER_HOST', ...(certificates && { certificates }) };
  }
  const name = env.DOCKER_CONTEXT || currentContext(join(folder, 'config.json'));
  return !name || name === 'default'
    ? { host: standard, by: 'its usual socket', isUsual: true }
    : ofContext(name, folder);
}

/** Returns the hint for a shell and a worker of one machine that use two engines, each at its place. */
export const wayToOneEngine = ({ worker, shell }: { worker: string; shell: string }): string =>
  `to use the worker's engine, set DOCKER_HOST=${worker} in this shell; to use the shell's, start the worker with DOCKER_HOST=${shell}`;

/** Returns true if the engine is on this machine: at a socket, or at an address of it. */
export function isHere({ host }: Pick<DockerEndpoint, 'host'>): boolean {
  if (host.startsWith('unix://')) return true;
  const url = URL.canParse(host) ? new URL(host) : undefined;
  return url?.protocol === 'tcp:' && isOwnAddress(url.hostname);
}

function isOwnAddress(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (address === 'localhost' || address === '::1' || /^127(\.\d+){3}$/.test(address)) return true;
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return own.some((one) => one.address === address);
}

function currentContext(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { currentContext?: string }).currentContext;
  } catch {
    // Without such a file, or with a broken one, the `docker` command takes the usual socket too.
    return undefined;
  }
}

interface ContextMeta {
  Endpoints?: { docker?: { Host?: string } };
}

/** Docker keeps a context in a folder named by the digest of its name. */
function ofContext(name: string, folder: string): DockerEndpoint {
  const by = `the docker context ${name}`;
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(folder, 'contexts', 'meta', id, 'meta.json');
  const { Endpoints } = JSON.parse(readNamed(meta, by)) as ContextMeta;
  const host = Endpoints?.docker?.Host ?? standard;
  const certificates = join(folder, 'contexts', 'tls', id, 'docker');
  const isSecure = host.startsWith('tcp:') && existsSync(join(certificates, 'cert.pem'));
  return { host, by, ...(isSecure && { certificates }) };
}

/** Returns the text of a file that `by` names. Throws `input-invalid` if the file cannot be read. */
export function readNamed(path: string, by: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BelayError('input-invalid', `${by}: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      hint: 'see docker context ls; docker context use default takes the engine of this machine',
      cause,
    });
  }
}
