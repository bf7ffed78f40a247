import { type ExaminedContainer, examineManaged, refuseLongPaths } from '../../../proxies/haproxy/managed';
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
    containerChecks(await examineManaged(lookup, dockerSandboxes()), { title, tag }),
  );
  return [...image, ...paths, ...containers];
}

/** Returns the checks of a proxy's containers; `tag` is the image that a release would run. Pure. */
export function containerChecks(
  containers: ExaminedContainer[],
  { title, tag }: { title: string; tag?: string },
): Check[] {
  const units = [...new Set(containers.map(({ unit }) => unit))];
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
  const holder = own.find((one) => one.holder && one.running);
  const dead = own.find((one) => !one.holder && !one.running);
  const why = dead ? `: ${dead.container}, its second HAProxy, is not running` : '';
  const way = holder ? [`docker restart ${holder.container}`] : [];
  return bad(title, `${unit}: no HAProxy serves${why}`, ...way, 'a release repairs it too');
}
