import type { Deps } from '../host';
import type { ComposeView } from '../model/desired';
import { composeImage } from '../runtimes/docker/compose/facts';
import type { ComposeProject } from '../runtimes/docker/compose/project';
import type { ComposeMarks, RuntimeInstance } from '../runtimes/runtime';

type Wanted = Omit<ComposeMarks, 'counted'>;

interface Asked extends Omit<ComposeView, 'scale'> {
  compose: Pick<ComposeProject, 'hashes'>;
  service: string;
}

/** What Compose compares labels with, by its file as it stands; undefined where that does not have the service. */
export async function marksWanted(
  { runtime }: { runtime: Pick<Deps['runtime'], 'imageId'> },
  { compose, service, image, platform }: Asked,
): Promise<Wanted | undefined> {
  const hash = compose.hashes[service];
  return hash === undefined ? undefined : { hash, image: await runtime.imageId(image, platform) };
}

/** The same of a service whose image is the one that the file names. */
export const marksByFile = (deps: Parameters<typeof marksWanted>[0], compose: ComposeProject, service: string) =>
  marksWanted(deps, {
    compose,
    service,
    image: composeImage(compose, service),
    platform: compose.services[service]?.platform,
  });

/** It was started by another state of the file. What Compose has started is Compose's own affair. */
export function isOutdated({ revision, compose }: RuntimeInstance, wanted: Wanted | undefined): boolean {
  return revision > 0 && compose?.counted === true && differs(compose, wanted);
}

/** Compose would replace what has these labels. */
export const differs = ({ hash, image }: { hash?: string; image?: string }, wanted: Wanted | undefined): boolean =>
  wanted !== undefined && (hash !== wanted.hash || (wanted.image !== undefined && image !== wanted.image));
