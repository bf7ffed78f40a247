import type Docker from 'dockerode';
import { retry } from '../../poll';
import { labels } from '../runtime';
import { ask, askFor, statusOf, wordsOf } from './errors';

/**
 * Sends the signal. Removes the restart policy first, as the engine restarts an instance that it has not stopped itself.
 * With `again` the policy stays: the engine leaves an instance down that ends by its own stop signal.
 */
export async function signal(
  docker: Docker,
  name: string,
  which: string,
  { again = false }: { again?: boolean } = {},
): Promise<void> {
  const container = docker.getContainer(name);
  if (!again) await unlessGone(() => keepDown(container));
  await unlessGone(() => container.kill({ signal: which }));
}

/** The engine refuses the change while the instance exits. Tries again until the instance has exited or restarted. */
async function keepDown(container: Docker.Container): Promise<void> {
  await retry({
    attempt: () => container.update({ RestartPolicy: { Name: 'no' } }),
    passes: (error) => /cannot update a (stopped container|deleted process)|container not running/.test(wordsOf(error)),
    every: 50,
    within: 2_000,
  });
}

/**
 * Removes the instance and its anonymous volumes. Volumes of adopted containers stay: they may hold the only copy of
 * data, and the container may be launched again. `mark` is a label of further containers that Belay created.
 */
export async function remove(docker: Docker, name: string, mark: string = labels.platform): Promise<void> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found) return;
  const own = found.Config.Labels?.[mark] !== undefined;
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

/** The longest timer of this program, in milliseconds. */
const within = 2 ** 31 - 1;

/** As `ContainerReader.ended`: one long request, which the engine answers when the instance ends. */
export async function ended(docker: Docker, name: string, abortSignal: AbortSignal): Promise<void> {
  const container = docker.getContainer(name);
  // The client does not settle if its request is aborted within the answer.
  const request = () => Promise.race([container.wait({ condition: 'not-running', abortSignal }), aborted(abortSignal)]);
  await ask(request, { within }).catch((error) => {
    if (statusOf(error) !== 404) throw error;
  });
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

const settled = /is not running|marked for removal|already in progress|AutoRemove is enabled/;

async function unlessGone(request: () => Promise<unknown>): Promise<void> {
  await ask(request).catch((error) => {
    if (statusOf(error) !== 404 && !settled.test(wordsOf(error))) throw error;
  });
}
