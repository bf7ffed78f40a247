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

/**
 * Tells if one of these returns after a reboot. Pure.
 * @param isStack true in the worker's container of the production stack.
 */
export function bootOfContainers(workers: WorkerContainer[], isStack: boolean): Check {
  const started = workers.filter(({ restart }) => restartPolicies.includes(restart));
  if (started.length > 0)
    return ok('boot', `the engine starts ${started.map(({ name }) => name).join(', ')} again when it starts itself`);
  const wait = 'after a reboot a release waits until an operator starts it';
  if (workers.length === 0)
    return warn(
      'boot',
      `nothing starts ${isStack ? 'the worker' : 'belay serve'} again: ${wait}`,
      isStack ? ofStack : ofOwn,
    );
  const found = workers.map(({ name, restart }) => `${name} has the restart policy ${restart || 'no'}`).join(', ');
  const names = workers.map(({ name }) => name).join(' ');
  const update = `docker update --restart unless-stopped ${names}`;
  return warn('boot', `the engine does not start the worker again: ${found}; ${wait}`, isStack ? ofStack : update);
}

const ofStack = 'in the folder of the stack: docker compose up -d worker';
export const asCommand = "in a container: make it the container's command, with --restart unless-stopped";
const ofOwn = `with systemd: belay serve --install; ${asCommand}`;

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
