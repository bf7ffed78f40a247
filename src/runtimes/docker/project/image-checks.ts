import { composeFacts } from '../compose/facts';
import type { ComposeProject } from '../compose/project';
import { hasNoTest, type ImageChecks } from '../compose/weak-checks';
import type { Engine } from '../engine';

/** Returns the tests of the images' own HEALTHCHECKs, of services whose Compose file has none. */
export async function imageChecks(
  { engine }: { engine: Pick<Engine, 'healthcheck'> },
  compose: ComposeProject,
  names: string[],
): Promise<ImageChecks> {
  const asked = names.filter((name) => compose.services[name] && hasNoTest(compose.services[name]));
  const all = asked.map(async (name) => {
    const { image } = composeFacts(compose, name);
    return [name, image === undefined ? undefined : await engine.healthcheck(image)] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}
