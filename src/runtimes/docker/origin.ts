import type Docker from 'dockerode';
import { askFor } from './errors';
import { fullName, type ImageRef } from './image-ref';

/** An image on this engine, under one name. */
export interface LocalImage {
  /** The engine's id of the image. */
  id: string;
  /** The repository's digest of the image, as far as the engine tells. */
  digest?: string;
  /**
   * `here`: built on this engine. `registry`: pulled from its repository, or pushed there. `unsure`: the store gives
   * every image a digest, and the engine does not say which kind this is.
   */
  from: 'here' | 'registry' | 'unsure';
}

/** An inspection of a newer engine, which tells an image's origin. */
type Inspected = Docker.ImageInspectInfo & {
  Identity?: { Pull?: Array<{ Repository?: string }> | null; Build?: unknown[] | null };
};

/** The image of this name on the engine, with its origin. */
export async function localImage(docker: Docker, ref: string, parsed: ImageRef): Promise<LocalImage | undefined> {
  const image = await askFor(() => docker.getImage(ref).inspect());
  return image && originOf(image, parsed);
}

/** The origin in an inspection. Pure. */
export function originOf(image: Inspected, { registry, repository }: ImageRef): LocalImage {
  const { Id: id, RepoDigests, Identity } = image;
  const isIts = (name = '') => fullName(name) === fullName(repository);
  const digest = (RepoDigests ?? []).find((one) => isIts(one.split('@')[0]))?.split('@')[1];
  if (digest === undefined || isOnlyHere({ registry, repository })) return { id, from: 'here' };
  // One kind of store uses the configuration's digest as the image's id, the other the manifest's.
  if (digest !== id) return { id, digest, from: 'registry' };
  if (Identity?.Pull?.some(({ Repository }) => isIts(Repository))) return { id, digest, from: 'registry' };
  return { id, digest, from: (Identity?.Build ?? []).length > 0 ? 'here' : 'unsure' };
}

/** True for names like Belay's own tags, `belay/shop/api`: Docker Hub has no repository of three parts. */
export const isOnlyHere = ({ registry, repository }: Pick<ImageRef, 'registry' | 'repository'>): boolean =>
  registry === undefined && repository.split('/').length > 2;
