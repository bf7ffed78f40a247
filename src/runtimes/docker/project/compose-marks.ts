import type { ComposeView } from '../../../model/desired';
import type { ComposeMarks, RuntimeInstance } from '../../runtime';
import { composeImage } from '../compose/facts';
import type { ComposeProject } from '../compose/project';
import type { Engine } from '../engine';

type Wanted = Omit<ComposeMarks, 'counted'>;

interface MarksRequest extends Omit<ComposeView, 'scale'> {
  compose: Pick<ComposeProject, 'hashes'>;
  service: string;
}

/** The labels that Compose would give the service by its current file; undefined where the file has no such service. */
export async function marksWanted(
  { engine }: { engine: Pick<Engine, 'imageId'> },
  { compose, service, image, platform }: MarksRequest,
): Promise<Wanted | undefined> {
  const hash = compose.hashes[service];
  return hash === undefined ? undefined : { hash, image: await engine.imageId(image, platform) };
}

/** As `marksWanted`, with the image that the Compose file names. */
export const marksByFile = (deps: Parameters<typeof marksWanted>[0], compose: ComposeProject, service: string) =>
  marksWanted(deps, {
    compose,
    service,
    image: composeImage(compose, service),
    platform: compose.services[service]?.platform,
  });

/**
 * True if Belay started the instance under an older state of the Compose file. Instances that Compose started are left
 * to Compose.
 */
export function isOutdated({ revision, compose }: RuntimeInstance, wanted: Wanted | undefined): boolean {
  return revision > 0 && compose?.counted === true && differs(compose, wanted);
}

/** True if Compose would replace a container with these labels. */
export const differs = ({ hash, image }: { hash?: string; image?: string }, wanted: Wanted | undefined): boolean =>
  wanted !== undefined && (hash !== wanted.hash || (wanted.image !== undefined && image !== wanted.image));
