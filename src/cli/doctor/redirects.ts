import { kernelRedirects, type Redirects } from '../../hosts/redirect';
import { dockerClient } from '../../runtimes/docker/client';
import { ask } from '../../runtimes/docker/errors';
import { type Check, warn } from './check';

interface Question {
  env: NodeJS.ProcessEnv;
  /** The engine publishes ports now; where it publishes none, nothing can be told. */
  publishes?: () => Promise<boolean>;
  redirects?: Pick<Redirects, 'possible'>;
}

/**
 * Whether the kernel can lead connections from a port that Compose's container publishes to the proxy that takes it over. Whoever
 * is not root cannot tell for a worker that is. Nothing is said where it can, or where nobody wants it.
 */
export async function examineRedirects({
  env,
  publishes = () => enginePublishes(env),
  redirects = kernelRedirects(),
}: Question): Promise<Check[]> {
  if (env.BELAY_REDIRECT === 'off' || process.getuid?.() !== 0) return [];
  return (await publishes()) && !(await redirects.possible()) ? [cannot] : [];
}

const cannot = warn(
  'redirects',
  'the kernel cannot lead connections from one port to another here: a port that a proxy takes over does not answer for a moment',
  "the worker needs the machine's own network and processes, NET_ADMIN, NET_RAW and iptables, and the engine its userland proxy",
  'or set BELAY_REDIRECT=off where that moment does not matter',
);

async function enginePublishes(env: NodeJS.ProcessEnv): Promise<boolean> {
  const running = await ask(() => dockerClient(env).listContainers(), { within: 10_000 });
  return running.some(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort));
}
