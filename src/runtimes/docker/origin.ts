import type Docker from 'dockerode';
import { askFor } from './errors';
import { fullName, type ImageRef } from './image-ref';

/** An image on this engine, under one name. */
export interface Standing {
  /** What the engine calls it by. */
  id: string;
  /** By which its repository has it, as far as the engine tells. */
  digest?: string;
  /**
   * `here`: it was made on this engine. `registry`: it came from its repository, or went there. `unsure`: the store gives
   * every image a digest, pulled or built, and the engine does not say which.
   */
  from: 'here' | 'registry' | 'unsure';
}

/** As newer engines tell where an image came from. */
type Inspected = Docker.ImageInspectInfo & {
  Identity?: { Pull?: Array<{ Repository?: string }> | null; Build?: unknown[] | null };
};

/** The image of this name on the engine, and where it came from. */
export async function standing(docker: Docker, ref: string, parsed: ImageRef): Promise<Standing | undefined> {
  const image = await askFor(() => docker.getImage(ref).inspect());
  return image && originOf(image, parsed);
}

/** Pure. */
export function originOf(image: Inspected, { registry, repository }: ImageRef): Standing {
  const { Id: id, RepoDigests, Identity } = image;
  const isIts = (name = '') => fullName(name) === fullName(repository);
  const digest = (RepoDigests ?? []).find((one) => isIts(one.split('@')[0]))?.split('@')[1];
  if (digest === undefined || isOnlyHere({ registry, repository })) return { id, from: 'here' };
  // The image's id is its configuration's digest in one kind of store, its manifest's in the other.
  if (digest !== id) return { id, digest, from: 'registry' };
  if (Identity?.Pull?.some(({ Repository }) => isIts(Repository))) return { id, digest, from: 'registry' };
  return { id, digest, from: (Identity?.Build ?? []).length > 0 ? 'here' : 'unsure' };
}

/** Docker Hub has no repository of three parts, as Belay's own tags are: `belay/shop/api`. */
export const isOnlyHere = ({ registry, repository }: Pick<ImageRef, 'registry' | 'repository'>): boolean =>
  registry === undefined && repository.split('/').length > 2;
