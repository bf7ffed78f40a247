import { BelayError } from '../errors';
import { readFence, type TakeFence, takeFence } from './fence';
import { listFolder } from './file';
import { hostPaths, type ServiceKey } from './home';
import { withLock } from './lock';

/** Host ports that releases of other services have claimed and not given back yet, whether they are in use or not. */
export async function claimedPorts(home: string, own: ServiceKey[]): Promise<Map<number, ServiceKey>> {
  const keys = (await servicesOf(home)).filter(
    (key) => !own.some((one) => one.platform === key.platform && one.service === key.service),
  );
  const fences = await Promise.all(keys.map(async (key) => ({ key, fence: await readFence({ home, ...key }) })));
  const held = fences.filter(({ fence }) => fence.owner);
  return new Map(held.flatMap(({ key, fence }) => (fence.ports ?? []).map((port) => [port, key] as const)));
}

/** Takes the fence with its ports, one release of the host at a time. Throws `preflight-failed` when another was first. */
export async function takeFenceWithPorts(request: TakeFence): ReturnType<typeof takeFence> {
  const { home, token, ports = [] } = request;
  return await withLock({ file: hostPaths(home).portsLock }, async () => {
    const claimed = ports.length > 0 ? await claimedPorts(home, [token]) : new Map<number, ServiceKey>();
    const taken = ports.filter((port) => claimed.has(port));
    if (taken.length > 0) throw tooLate(taken, claimed.get(taken[0]!)!);
    return await takeFence(request);
  });
}

async function servicesOf(home: string): Promise<ServiceKey[]> {
  const paths = hostPaths(home);
  const platforms = await listFolder(paths.platforms);
  const all = platforms.map(async (platform) =>
    (await listFolder(paths.services(platform))).map((service) => ({ platform, service })),
  );
  return (await Promise.all(all)).flat();
}

const tooLate = (ports: number[], { platform, service }: ServiceKey): BelayError =>
  new BelayError(
    'preflight-failed',
    `port ${ports.join(', ')}: the release of ${platform}/${service}, which runs, has claimed it since the plan was made`,
    { hint: 'start again: the new plan takes others' },
  );
