import { contentDigest } from '../../compose/contents';
import { resourcesOf } from '../../compose/networks';
import type { ComposeProject } from '../../compose/project';
import type { Engine } from '../../runtimes/runtime';
import { type Check, check } from './check';

/** What a release needs and does not make, where it is not there: external networks and volumes, files of secrets and configs. */
export async function examineGiven(
  runtime: Pick<Engine, 'assertGiven'>,
  compose: ComposeProject,
  services: string[],
): Promise<Check[]> {
  const looks = [
    () => runtime.assertGiven(resourcesOf(compose, services)),
    ...services.map((name) => () => contentDigest(compose, name, { mounted: false })),
  ];
  const nothing = (look: () => Promise<unknown>) => check('given', () => look().then(() => []));
  const found = (await Promise.all(looks.map(nothing))).flat();
  return found.filter(({ text }, index) => found.findIndex((one) => one.text === text) === index);
}
