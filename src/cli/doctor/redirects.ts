import { kernelRedirects, type Redirects } from '../../hosts/redirect';
import { dockerClient } from '../../runtimes/docker/client';
import { ask } from '../../runtimes/docker/errors';
import { type Check, warn } from './check';

interface RedirectLookup {
  env: NodeJS.ProcessEnv;
  /** Tells if the engine publishes ports now; without a published port, the check is unknown. */
  publishes?: () => Promise<boolean>;
  redirects?: Pick<Redirects, 'possible'>;
}

/**
 * Checks if the kernel can redirect connections from a port of Compose's container to the proxy that takes it over.
 * Only root can tell. Returns no check if it can, or if redirects are off.
 */
export async function examineRedirects({
  env,
  publishes = () => enginePublishes(env),
  redirects = kernelRedirects(),
}: RedirectLookup): Promise<Check[]> {
  if (env.BELAY_REDIRECT === 'off' || process.getuid?.() !== 0) return [];
  return (await publishes()) && !(await redirects.possible()) ? [cannot] : [];
}

const cannot = warn(
  'redirects',
  'the kernel cannot redirect connections from one port to another here: a port that a proxy takes over refuses connections for a moment',
  "the worker needs the machine's own network and processes, NET_ADMIN, NET_RAW and iptables, and the engine its userland proxy",
  'or set BELAY_REDIRECT=off where that moment does not matter',
);

async function enginePublishes(env: NodeJS.ProcessEnv): Promise<boolean> {
  const running = await ask(() => dockerClient(env).listContainers(), { within: 10_000 });
  return running.some(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort));
}
