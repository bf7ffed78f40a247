import type { KnownService } from './known';
import { isStray } from './originals';
import { linkOf } from './places';
import { instanceOfUnit } from './template';
import type { SystemdHost } from './units';

/** Names the paths at which somebody has put something else since the last release. */
export async function strayWarnings(
  host: Pick<SystemdHost, 'home'>,
  platform: string,
  services: KnownService[],
): Promise<string[]> {
  const said = services.map(async ({ name, unit, service: { artifact, ports = [] } }) => {
    if (!artifact) return [];
    const { install } = artifact;
    const units = unit.includes('@.') ? ports.map((port) => unit.replace('@.', `@${port}.`)) : [unit];
    const strays = await Promise.all(
      units.map(async (one) =>
        (await isStray(host, { platform, service: name, install }, one)) ? [linkOf(install, instanceOfUnit(one))] : [],
      ),
    );
    return [...new Set(strays.flat())].map(
      (link) =>
        `${name}: ${link} was replaced by hand since the last release; the next start keeps that as ${link}.before-r…, and no rollback leads back to it`,
    );
  });
  return (await Promise.all(said)).flat();
}
