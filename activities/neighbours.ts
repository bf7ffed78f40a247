import { BelayError } from '../src/errors';
import type { Revision } from '../src/hosts/revision';
import type { Resources } from '../src/runtimes/runtime';
import type { Desired, DesiredRoute } from '../src/spec/desired';
import type { ProxySpec } from '../src/spec/spec';
import type { Deps } from './deps';

/** A service of another platform of this host, as its head says. */
interface Neighbour {
  platform: string;
  service: string;
  head: Revision;
}

type Shared = { what: string; hint: string } | undefined;

/**
 * Refuses what a platform would share with another one that runs on this host, such as another environment of its own:
 * names of containers, a backend of a proxy, a network or a volume. Throws `preflight-failed`.
 */
export async function refuseShared(
  deps: Pick<Deps, 'ledger' | 'runtime'>,
  desired: Desired,
  own: Resources,
): Promise<void> {
  for (const neighbour of await neighboursOf(deps, desired.platform)) {
    const shared =
      sharedName(desired, neighbour) ?? sharedBackend(desired, neighbour) ?? sharedResource(desired, neighbour, own);
    if (!shared) continue;
    const { platform, service } = neighbour;
    // What is in the ledger and runs no more is in nobody's way.
    if ((await deps.runtime.observe({ platform, service })).length === 0) continue;
    throw new BelayError(
      'preflight-failed',
      `${desired.platform}: ${shared.what} is that of ${platform}/${service} on this host too`,
      { hint: shared.hint },
    );
  }
}

async function neighboursOf({ ledger }: Pick<Deps, 'ledger'>, platform: string): Promise<Neighbour[]> {
  const others = (await ledger.platforms()).filter((one) => one !== platform);
  const all = others.map(async (other) => {
    const services = await ledger.services(other);
    return await Promise.all(services.map((service) => neighbour(ledger, other, service)));
  });
  return (await Promise.all(all)).flat().filter((one) => one !== undefined);
}

async function neighbour(ledger: Deps['ledger'], platform: string, service: string): Promise<Neighbour | undefined> {
  const own = ledger.of({ platform, service });
  const [number, revisions] = [await own.head(), await own.revisions()];
  const head = revisions.find((one) => one.number === number) ?? revisions.at(-1);
  return head && { platform, service, head };
}

/** `shop` with a service `staging-api`, and `shop-staging` with `api`. */
function sharedName({ platform, services }: Desired, other: Neighbour): Shared {
  const names = services.map(({ service }) => `${platform}-${service}`);
  const name = names.find((one) => one === `${other.platform}-${other.service}`);
  return name === undefined
    ? undefined
    : { what: `the name ${name} of containers`, hint: 'write platform: … with another name, or rename the service' };
}

function sharedBackend({ services, proxies }: Desired, { head }: Neighbour): Shared {
  const theirs = head.desired.routes.map((route) => backendOf(route, head.site?.proxies ?? {}));
  const routes = services.flatMap((one) => one.routes);
  const route = routes.find((one) => theirs.includes(backendOf(one, proxies)));
  return route && { what: `backend ${route.proxy}/${route.backend}`, hint: 'give each platform backends of its own' };
}

const backendOf = ({ proxy, backend }: DesiredRoute, proxies: Record<string, ProxySpec>): string =>
  JSON.stringify([placeOf(proxies[proxy]) ?? proxy, backend]);

/** Of a proxy, by whatever name. */
const placeOf = (proxy: ProxySpec | undefined) => (proxy?.kind === 'haproxy' ? proxy.socket : undefined);

/** Parts of one Compose project may well be platforms of their own, and share what it has. */
function sharedResource({ services }: Desired, { head }: Neighbour, own: Resources): Shared {
  if (services.some((one) => one.project === head.desired.project)) return undefined;
  const theirs = (head.configuration as { resources?: Resources } | undefined)?.resources;
  const network = own.networks.find((one) => theirs?.networks.some(({ Name }) => Name === one.Name))?.Name;
  const volume = own.volumes.find((one) => theirs?.volumes.some(({ Name }) => Name === one.Name))?.Name;
  const what = network ? `the network ${network}` : volume ? `the volume ${volume}` : undefined;
  const hint = 'leave its name out of the Compose file, take it from an env file, or mark it external to share it';
  return what === undefined ? undefined : { what, hint };
}
