import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { DockerOptions } from 'dockerode';
import { BelayError } from '../errors';

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

/** What the client takes. Throws `input-invalid` where the engine is not on this machine, with the way out. */
export function dockerOptions(env: NodeJS.ProcessEnv = process.env): DockerOptions {
  const endpoint = dockerEndpoint(env);
  const { host, by, certificates } = endpoint;
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) || '/var/run/docker.sock' };
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url?.protocol !== 'tcp:' || !isHere(url.hostname)) throw elsewhere(endpoint);
  const port = url.port || (certificates ? 2376 : 2375);
  const at = { host: url.hostname.replace(/^\[|\]$/g, ''), port };
  if (!certificates) return { ...at, protocol: 'http' };
  const read = (file: string) => readIn(join(certificates, file), by);
  return { ...at, protocol: 'https', ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
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
  const { Endpoints } = JSON.parse(readIn(meta, by)) as ContextMeta;
  const host = Endpoints?.docker?.Host ?? standard;
  const certificates = join(folder, 'contexts', 'tls', id, 'docker');
  const isSecure = host.startsWith('tcp:') && existsSync(join(certificates, 'cert.pem'));
  return { host, by, ...(isSecure && { certificates }) };
}

function readIn(path: string, by: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BelayError('input-invalid', `${by}: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      hint: 'see docker context ls; docker context use default takes the engine of this machine',
      cause,
    });
  }
}

function isHere(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (address === 'localhost' || address === '::1' || /^127(\.\d+){3}$/.test(address)) return true;
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return own.some((one) => one.address === address);
}

/** Instances are reached at loopback ports, and proxies by files: both belong to the engine's own machine. */
function elsewhere({ host, by }: DockerEndpoint): BelayError {
  return new BelayError('input-invalid', `the Docker Engine that ${by} names is not on this machine: ${host}`, {
    hint: 'start the worker on the machine of the engine, or take the engine of this one: docker context use default, without DOCKER_HOST and DOCKER_CONTEXT',
  });
}
