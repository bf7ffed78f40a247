import { type DockerEndpoint, dockerEndpoint, isHere } from '../docker-endpoint';
import { belayHome } from '../hosts/home';
import { hostName } from '../hosts/machine';
import { workersHere } from '../hosts/workers';
import type { ReleaseRequest } from '../model/requests';
import { runProgram } from '../run-program';

/** Milliseconds; one that is silent for so long is nobody's. */
const within = 5_000;

/**
 * The engine that `docker` in this shell speaks to, for the worker to compare. Nothing where none answers, as on a laptop
 * without Docker, and where every worker that is known here has the same one.
 */
export async function engineSaid(env: NodeJS.ProcessEnv): Promise<Pick<ReleaseRequest, 'engine'>> {
  const endpoint = endpointOf(env);
  if (!endpoint || !isMeant(endpoint) || (await isEveryones(env, endpoint))) return {};
  const id = await engineId(env);
  if (!id) return {};
  const { host: at, by } = endpoint;
  return { engine: { id, at, by, ...(isHere(endpoint) && { machine: hostName() }) } };
}

/** The id of the engine that `docker` speaks to, or of the one at a place; undefined where none answers. */
export async function engineId(env: NodeJS.ProcessEnv, place?: string): Promise<string | undefined> {
  const args = [...(place === undefined ? [] : ['-H', place]), 'info', '--format', '{{.ID}}'];
  const { code, output } = await runProgram({ command: 'docker', args, env, timeout: within });
  return code === 0 ? output.trim() || undefined : undefined;
}

/** Where this shell's is; undefined where that cannot be read, so that `docker` says so itself. */
export function endpointOf(env: NodeJS.ProcessEnv): DockerEndpoint | undefined {
  try {
    return dockerEndpoint(env);
  } catch {
    return undefined;
  }
}

/** What DOCKER_HOST says of a TCP port elsewhere is where a CI job builds its images, as a rule. */
const isMeant = (endpoint: DockerEndpoint): boolean =>
  isHere(endpoint) || endpoint.by !== 'DOCKER_HOST' || endpoint.host.startsWith('ssh:');

/** A worker that began under an earlier Belay has not noted its engine, and would not know what it is told. */
async function isEveryones(env: NodeJS.ProcessEnv, { host }: DockerEndpoint): Promise<boolean> {
  // Another user's folder tells nothing.
  const workers = await workersHere(belayHome(env)).catch(() => []);
  return workers.length > 0 && workers.every(({ engine = host }) => engine === host);
}
