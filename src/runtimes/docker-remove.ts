import type Docker from 'dockerode';
import { ask, askFor, statusOf, wordsOf } from './docker-errors';
import { labels } from './runtime';

/**
 * Sends the signal. Before it, the restart policy is taken away: the engine revives an instance that ends of anything
 * but the engine's own stop.
 */
export async function signal(docker: Docker, name: string, which: string): Promise<void> {
  const container = docker.getContainer(name);
  const update = () => unlessGone(() => container.update({ RestartPolicy: { Name: 'no' } }));
  await update().catch((error) => {
    // It ended at this very moment, and its policy is what it was.
    if (!/cannot update a stopped container/.test(wordsOf(error))) throw error;
    return update();
  });
  await unlessGone(() => container.kill({ signal: which }));
}

/**
 * The instance is gone, and its anonymous volumes with it. Those of an instance that Belay did not launch stay: they may
 * hold the only copy of something, and the instance may be launched again.
 */
export async function remove(docker: Docker, name: string): Promise<void> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found) return;
  const own = found.Config.Labels?.[labels.platform] !== undefined;
  await ask(() => docker.getContainer(found.Id).remove({ force: true, v: own })).catch((error) => {
    if (statusOf(error) !== 404 && !/already in progress/.test(wordsOf(error))) throw error;
  });
  await awaitGone(docker, found.Id);
}

/** Returns when the engine has removed the container. */
export async function awaitGone(docker: Docker, id: string): Promise<void> {
  if (await askFor(() => docker.getContainer(id).inspect())) {
    await askFor(() => docker.getContainer(id).wait({ condition: 'removed' }));
  }
}

const settled = /is not running|marked for removal|already in progress|AutoRemove is enabled/;

async function unlessGone(request: () => Promise<unknown>): Promise<void> {
  await ask(request).catch((error) => {
    if (statusOf(error) !== 404 && !settled.test(wordsOf(error))) throw error;
  });
}
