import { listFolder } from '../../../hosts/file';
import { type ExaminedContainer, examineManaged, refuseLongPaths, unitPaths } from '../../../proxies/haproxy/managed';
import { proxyTag } from '../../../proxies/image-tags';
import { dockerRuntime } from '../../../runtimes/docker';
import { pinProxyImage } from '../../../runtimes/docker/project/pin-image';
import { dockerSandboxes } from '../../../runtimes/docker/sandbox';
import { bad, type Check, check, ok, warn } from '../check';

interface ManagedLookup {
  /** BELAY_HOME. */
  home: string;
  platform: string;
  /** Name of the proxy in the spec. */
  name: string;
  image: string;
  /** Services with routes through it. */
  services: string[];
}

/** Checks if the image of a managed proxy is available, and the state of its containers. */
export async function examineManagedProxy(lookup: ManagedLookup): Promise<Check[]> {
  const title = `proxy ${lookup.name}`;
  let tag: string | undefined;
  const image = await check(title, async () => {
    const { image, warning } = await pinProxyImage(
      { engine: dockerRuntime() },
      { name: lookup.name, ref: lookup.image },
    );
    if (warning) return warn(title, warning, 'a release goes on with it');
    tag = proxyTag(lookup.platform, lookup.name, image);
    return ok(title, `${lookup.image}: ${image.local ? 'only on this engine' : image.digest.slice(0, 19)}`);
  });
  const paths = await check(title, async () => {
    for (const service of lookup.services) refuseLongPaths(lookup, service);
    return [];
  });
  const containers = await check(title, async () =>
    containerChecks(await examineManaged(lookup, dockerSandboxes()), { title, tag, begun: await begunOf(lookup) }),
  );
  return [...image, ...paths, ...containers];
}

/** Services for which a release has made a HAProxy: its files stay until a release takes it away. */
async function begunOf({ services, ...key }: ManagedLookup): Promise<string[]> {
  const files = await Promise.all(services.map((service) => listFolder(unitPaths(key, service).folder)));
  return services.filter((_, index) => files[index]!.length > 0);
}

/**
 * Returns the checks of a proxy's containers; `tag` is the image that a release would run, `begun` has services that
 * had a container. Pure.
 */
export function containerChecks(
  containers: ExaminedContainer[],
  { title, tag, begun = [] }: { title: string; tag?: string; begun?: string[] },
): Check[] {
  const units = [...new Set([...containers.map(({ unit }) => unit), ...begun])];
  return units.flatMap((unit) => {
    const own = containers.filter((one) => one.unit === unit);
    return unitChecks(own, { title, tag, unit });
  });
}

function unitChecks(own: ExaminedContainer[], { title, tag, unit }: { title: string; tag?: string; unit: string }) {
  const serving = own.filter(({ serves }) => serves);
  const wrong = serving.filter(({ current }) => current === false);
  const found = serving.map(({ container, version }) =>
    ok(title, `${unit}: HAProxy ${version} serves in ${container}`),
  );
  return [
    ...(serving.length === 0 ? [nobody(own, { title, unit })] : found),
    ...wrong.map(({ container }) =>
      bad(title, `${unit}: ${container} runs another configuration than its file`, 'belay release repairs it'),
    ),
    ...serving
      .filter(({ image }) => tag !== undefined && image !== tag)
      .map(({ container }) => warn(title, `${unit}: ${container} is of another image`, 'the next release upgrades it')),
  ];
}

/** A second HAProxy that an operator has stopped stays down, and the first has given its traffic to it. */
function nobody(own: ExaminedContainer[], { title, unit }: { title: string; unit: string }): Check {
  const holder = own.find((one) => one.holder);
  const dead = own.find((one) => !one.holder && !one.running);
  if (!holder)
    return bad(title, `${unit}: no HAProxy serves: somebody has removed its container`, 'belay release makes it anew');
  const why = dead ? `: ${dead.container}, its second HAProxy, is not running` : '';
  // A release has to ask it first.
  const way = `docker ${holder.running ? 'restart' : 'start'} ${holder.container}`;
  return bad(title, `${unit}: no HAProxy serves${why}`, way);
}
