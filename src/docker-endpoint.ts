import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { BelayError } from './errors';

/** Where an engine is. */
export interface DockerEndpoint {
  /** As `docker context` writes it: `unix:///var/run/docker.sock`. */
  host: string;
  /** Who names it, for people: `DOCKER_HOST`, or `the docker context remote`. */
  by: string;
  /** Nobody names another one. */
  isUsual?: true;
  /** Of DOCKER_CERT_PATH or the context: folder of ca.pem, cert.pem and key.pem. */
  certificates?: string;
}

const standard = 'unix:///var/run/docker.sock';

/**
 * The engine that the `docker` command of this environment talks to: that of DOCKER_HOST, else of the context that DOCKER_CONTEXT or
 * `docker context use` names, else of this machine's socket. Throws `input-invalid` for a context that cannot be read.
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

/** What to do where a shell and a worker of one machine speak to two engines; each by its place. */
export const wayToOneEngine = ({ worker, shell }: { worker: string; shell: string }): string =>
  `to use the worker's engine, set DOCKER_HOST=${worker} in this shell; to use the shell's, start the worker with DOCKER_HOST=${shell}`;

/** Whether an engine is on this machine: at a socket, or at an address of it. */
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
    // Where there is no such file, or it is broken, the command takes the usual socket too.
    return undefined;
  }
}

interface ContextMeta {
  Endpoints?: { docker?: { Host?: string } };
}

/** As `docker context` keeps it: a folder named by the digest of the name. */
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

/** The text of a file that `by` names. Throws `input-invalid` where it cannot be read. */
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
