import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { type Neighbour, peekNeighbours } from '../../src/hosts/neighbours';
import type { Desired, DesiredRoute } from '../../src/model/desired';
import type { Runtime, SharedParts, SharedWith } from '../../src/runtimes/runtime';
import { isKnown, type ProxySpec } from '../../src/spec/proxies';
import { usualRuntime } from '../../src/spec/runtimes';

/** The shared parts of the platform's services in a runtime. */
interface OwnParts {
  runtime: Runtime;
  shared: SharedParts;
}

type Shared = SharedWith | undefined;

/**
 * Refuses a release that would share names or resources with another platform on this host. Another environment of its
 * own is such a platform. Names and resources are container names, a backend of a proxy, a network, a volume or a unit. Throws
 * `preflight-failed`.
 */
export async function refuseShared(
  deps: Pick<Deps, 'home' | 'runtimeOf' | 'proxyOf'>,
  desired: Desired,
  own: OwnParts[],
): Promise<void> {
  for (const neighbour of await peekNeighbours({ home: deps.home, platform: desired.platform })) {
    const shared =
      sharedName(desired, neighbour) ??
      sharedBackend(deps, desired, neighbour) ??
      sharedResource(desired, neighbour, own);
    if (!shared) continue;
    const { platform, service } = neighbour;
    // A service without running instances is in no conflict.
    if ((await deps.runtimeOf(neighbour.latest.desired.runtime).observe({ platform, service })).length === 0) continue;
    throw new BelayError(
      'preflight-failed',
      `${desired.platform}: ${shared.what} is that of ${platform}/${service} on this host too`,
      { hint: shared.hint },
    );
  }
}

/** `shop` with a service `staging-api`, and `shop-staging` with `api`. */
function sharedName({ platform, services }: Desired, other: Neighbour): Shared {
  const names = services.map(({ service }) => `${platform}-${service}`);
  const name = names.find((one) => one === `${other.platform}-${other.service}`);
  return name === undefined
    ? undefined
    : { what: `the name ${name} of containers`, hint: 'write platform: … with another name, or rename the service' };
}

function sharedBackend(
  { proxyOf }: Pick<Deps, 'proxyOf'>,
  { services, proxies }: Desired,
  { latest }: Neighbour,
): Shared {
  // Identifies a backend by its proxy's address, whatever a spec calls it. A proxy that Belay runs belongs to one
  // platform alone. An unknown kind is a newer Belay's, and not shared.
  const backendOf = ({ proxy, backend }: DesiredRoute, specs: Record<string, ProxySpec> = {}): string[] => {
    const adapter = specs[proxy] && isKnown(specs[proxy]) && proxyOf(specs[proxy]);
    const isShared = adapter && adapter.capabilities.places !== 'none' && !adapter.capabilities.managed;
    return isShared ? [`${adapter.place} ${backend}`] : [];
  };
  const theirs = latest.desired.routes.flatMap((route) => backendOf(route, latest.site?.proxies));
  const routes = services.flatMap((one) => one.routes);
  const route = routes.find((one) => backendOf(one, proxies).some((backend) => theirs.includes(backend)));
  return route && { what: `backend ${route.proxy}/${route.backend}`, hint: 'give each platform backends of its own' };
}

function sharedResource({ services }: Desired, { latest }: Neighbour, own: OwnParts[]): Shared {
  const kind = latest.desired.runtime ?? usualRuntime;
  const mine = own.find(({ runtime }) => runtime.kind === kind);
  if (!mine) return undefined;
  const projects = services.filter(({ runtime = usualRuntime }) => runtime === kind).map(({ project }) => project);
  const shared = (latest.configuration as { resources?: SharedParts } | undefined)?.resources ?? {};
  return mine.runtime.inBoth(
    { projects: projects.filter((one) => one !== undefined), shared: mine.shared },
    { projects: latest.desired.project === undefined ? [] : [latest.desired.project], shared },
  );
}
