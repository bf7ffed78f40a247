import { BelayError } from '../errors';
import { type Fence, hasEnded, peekFence, type TakeFence, takeFence } from './fence';
import { listFolder } from './file';
import { hostPaths, type ServiceKey } from './home';
import { withLock } from './lock';

export interface Claims {
  home: string;
  /** The asker's own Temporal, which tells which owners have ended. */
  temporal: Pick<TakeFence, 'cluster' | 'isOpen'>;
}

/**
 * Returns host ports that releases have claimed and not released yet, in use or not. An ended release claims nothing.
 */
export async function claimedPorts({ home, temporal }: Claims): Promise<Map<number, ServiceKey>> {
  const fences = await Promise.all(
    (await servicesOf(home)).map(async (key) => ({ key, fence: await peekFence({ home, ...key }) })),
  );
  const held = await Promise.all(
    fences.map(async ({ key, fence }) => ((await isHeld(temporal, fence)) ? { key, ports: fence!.ports! } : undefined)),
  );
  return new Map(held.flatMap((one) => one?.ports.map((port) => [port, one.key] as const) ?? []));
}

/**
 * Takes the fence with its ports, one release of the host at a time. Throws `held-by-another` if another release was
 * first.
 */
export async function takeFenceWithPorts(request: TakeFence): ReturnType<typeof takeFence> {
  const { home, token, ports = [] } = request;
  const refuseTaken = async () => {
    const claimed = await claimedPorts({ home, temporal: request });
    const others = ports.filter((port) => claimed.has(port) && !isSame(claimed.get(port)!, token));
    if (others.length > 0) throw tooLate(others, claimed.get(others[0]!)!);
  };
  return await withLock({ file: hostPaths(home).portsLock }, () => takeFence({ ...request, before: refuseTaken }));
}

const isSame = (one: ServiceKey, other: ServiceKey): boolean =>
  one.platform === other.platform && one.service === other.service;

async function isHeld(temporal: Claims['temporal'], fence?: Fence): Promise<boolean> {
  if (!fence?.owner || !fence.ports?.length) return false;
  return !(await hasEnded(fence.owner, temporal));
}

/**
 * Returns the services in the ledger. Names that cannot be a service are passed over: the ledger may be a disk with a
 * lost+found.
 */
export async function servicesOf(home: string): Promise<ServiceKey[]> {
  const paths = hostPaths(home);
  const platforms = await listFolder(paths.platforms);
  const all = platforms.map(async (platform) => {
    const services = await Promise.resolve()
      .then(() => listFolder(paths.services(platform)))
      .catch(() => []);
    return services.map((service) => ({ platform, service }));
  });
  return (await Promise.all(all)).flat();
}

const tooLate = (ports: number[], { platform, service }: ServiceKey): BelayError =>
  new BelayError(
    'held-by-another',
    `port ${ports.join(', ')}: a release of ${platform}/${service} has claimed it since the plan was made`,
    { hint: 'start again: the new plan takes others' },
  );
