import type Docker from 'dockerode';
import { ask } from '../../runtimes/docker/errors';
import { type Check, ok, warn } from './check';

export interface WorkerContainer {
  name: string;
  /** Restart policy, as the engine names it. */
  restart: string;
}

/** Policies with which the engine starts a container again at its own start. */
const restartPolicies = ['always', 'unless-stopped'];

/** Tells if one of these returns after a reboot. Pure. */
export function bootOfContainers(workers: WorkerContainer[]): Check {
  const started = workers.filter(({ restart }) => restartPolicies.includes(restart));
  if (started.length > 0)
    return ok('boot', `the engine starts ${started.map(({ name }) => name).join(', ')} again when it starts itself`);
  const found = workers.map(({ name, restart }) => `${name} has the restart policy ${restart || 'no'}`).join(', ');
  return warn(
    'boot',
    `the engine starts no container of Belay's worker again${found && `: ${found}`}; after a reboot a release waits until an operator starts the worker`,
    'in the folder of the stack: docker compose up -d worker. For a container of your own: docker update --restart unless-stopped NAME',
  );
}

/** The Dockerfile sets this label. */
const workerLabel = 'belay.image=worker';
const within = 10_000;

/**
 * Returns running containers of the worker's image that share this BELAY_HOME, without those of `docker compose run`.
 */
export async function workerContainers(docker: Docker, home: string): Promise<WorkerContainer[]> {
  const found = await ask(() => docker.listContainers({ filters: { label: [workerLabel] } }), { within });
  const kept = found.filter(
    ({ Labels, Mounts }) => Labels['com.docker.compose.oneoff'] !== 'True' && Mounts.some((one) => holds(one, home)),
  );
  return await Promise.all(
    kept.map(async ({ Id, Names }) => {
      const { HostConfig } = await ask(() => docker.getContainer(Id).inspect(), { within });
      return { name: (Names[0] ?? '').replace(/^\//, ''), restart: HostConfig.RestartPolicy?.Name ?? '' };
    }),
  );
}

/** Another stack of this engine has a folder of its own. */
const holds = ({ Destination }: { Destination: string }, home: string): boolean =>
  home === Destination || home.startsWith(`${Destination}/`);
