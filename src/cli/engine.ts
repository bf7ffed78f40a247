import { type DockerEndpoint, dockerEndpoint, isHere } from '../docker-endpoint';
import { belayHome } from '../hosts/home';
import { hostName } from '../hosts/machine';
import { workersHere } from '../hosts/workers';
import type { ReleaseRequest } from '../model/requests';
import { runProgram } from '../run-program';

/** Milliseconds after which a silent engine counts as none. */
const within = 5_000;

/**
 * Returns the engine of `docker` in this shell, for the worker to compare. Empty without an answer, as on a laptop
 * without Docker, and if every worker known here has the same engine.
 */
export async function engineSaid(env: NodeJS.ProcessEnv): Promise<Pick<ReleaseRequest, 'engine'>> {
  const endpoint = endpointOf(env);
  if (!endpoint || !isMeant(endpoint) || (await isEveryones(env, endpoint))) return {};
  const id = await engineId(env);
  if (!id) return {};
  const { host: at, by } = endpoint;
  return { engine: { id, at, by, ...(isHere(endpoint) && { machine: hostName() }) } };
}

/** Returns the id of the engine that `docker` uses, or of the one at a place; undefined without an answer. */
export async function engineId(env: NodeJS.ProcessEnv, place?: string): Promise<string | undefined> {
  const args = [...(place === undefined ? [] : ['-H', place]), 'info', '--format', '{{.ID}}'];
  const { code, output } = await runProgram({ command: 'docker', args, env, timeout: within });
  return code === 0 ? output.trim() || undefined : undefined;
}

/** Returns this shell's endpoint; undefined if it is unreadable, so that `docker` reports the error itself. */
export function endpointOf(env: NodeJS.ProcessEnv): DockerEndpoint | undefined {
  try {
    return dockerEndpoint(env);
  } catch {
    return undefined;
  }
}

/** A DOCKER_HOST with a TCP port elsewhere is usually where a CI job builds its images. */
const isMeant = (endpoint: DockerEndpoint): boolean =>
  isHere(endpoint) || endpoint.by !== 'DOCKER_HOST' || endpoint.host.startsWith('ssh:');

/** The note of a worker from an earlier Belay lacks the engine, and that worker would not know the option. */
async function isEveryones(env: NodeJS.ProcessEnv, { host }: DockerEndpoint): Promise<boolean> {
  // Another user's folder is unreadable.
  const workers = await workersHere(belayHome(env)).catch(() => []);
  return workers.length > 0 && workers.every(({ engine = host }) => engine === host);
}
