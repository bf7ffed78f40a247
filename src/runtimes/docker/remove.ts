import type Docker from 'dockerode';
import { retry } from '../../poll';
import { labels } from '../runtime';
import { ask, askFor, statusOf, wordsOf } from './errors';

/**
 * Sends the signal. Before it, the restart policy is taken away: the engine revives an instance that ends of anything
 * but the engine's own stop.
 */
export async function signal(docker: Docker, name: string, which: string): Promise<void> {
  const container = docker.getContainer(name);
  await unlessGone(() => keepDown(container));
  await unlessGone(() => container.kill({ signal: which }));
}

/** One that is ending just now is refused, with its policy as it was: it is asked again until it has ended or begun anew. */
async function keepDown(container: Docker.Container): Promise<void> {
  await retry({
    attempt: () => container.update({ RestartPolicy: { Name: 'no' } }),
    passes: (error) => /cannot update a (stopped container|deleted process)/.test(wordsOf(error)),
    every: 50,
    within: 2_000,
  });
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

/** The most that a timer of this program can take, in milliseconds. */
const within = 2 ** 31 - 1;

/** As `RuntimeReader.ended`: one long request, which the engine answers at the end. */
export async function ended(docker: Docker, name: string, abortSignal: AbortSignal): Promise<void> {
  const container = docker.getContainer(name);
  // The client does not settle where its request is given up in the middle of the answer.
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
