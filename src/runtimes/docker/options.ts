import { join } from 'node:path';
import type { DockerOptions } from 'dockerode';
import { type DockerEndpoint, dockerEndpoint, isHere, readNamed } from '../../docker-endpoint';
import { BelayError } from '../../errors';

/** The client's options. Throws `input-invalid` with the way out if the engine is not on this machine. */
export function dockerOptions(env: NodeJS.ProcessEnv = process.env): DockerOptions {
  const endpoint = dockerEndpoint(env);
  const { host, by, certificates } = endpoint;
  if (!isHere(endpoint)) throw elsewhere(endpoint);
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) || '/var/run/docker.sock' };
  const url = new URL(host);
  const port = url.port || (certificates ? 2376 : 2375);
  const at = { host: url.hostname.replace(/^\[|\]$/g, ''), port };
  if (!certificates) return { ...at, protocol: 'http' };
  const read = (file: string) => readNamed(join(certificates, file), by);
  return { ...at, protocol: 'https', ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

/**
 * The error for an engine elsewhere. Belay reaches instances at loopback ports and proxies by files, both on the
 * engine's own machine.
 */
function elsewhere({ host, by }: DockerEndpoint): BelayError {
  return new BelayError('input-invalid', `the Docker Engine that ${by} names is not on this machine: ${host}`, {
    hint: 'start the worker on the machine of the engine, or use the engine of this one: docker context use default, without DOCKER_HOST and DOCKER_CONTEXT',
  });
}
