import type Docker from 'dockerode';
import { BelayError } from '../errors';
import type { PinnedImage } from '../spec/observed';
import { registryAuth } from './docker-auth';
import { ask, askFor, refused, statusOf, wordsOf } from './docker-errors';
import { pull } from './docker-pull';
import { fullName, type ImageRef, parseImageRef } from './image-ref';
import type { TaggedImage } from './runtime';

const imageId = /^sha256:[0-9a-f]{64}$/;
const unknownThere = /manifest unknown|not found|denied|unauthorized|no basic auth|does not exist/i;

/**
 * The image by what cannot move. A reference with a registry's host is asked for there first and taken from this engine
 * only when the registry does not know it; one without is this engine's where it has it from no registry.
 */
export async function pin(docker: Docker, ref: string): Promise<PinnedImage> {
  if (imageId.test(ref)) return pinById(docker, ref);
  const parsed = parseImageRef(ref);
  if (parsed.digest) return { ref, digest: parsed.digest, local: false };
  const local = await onlyHere(docker, ref, parsed);
  if (local && !parsed.registry) return local;
  const digest = await registryDigest(docker, ref, parsed);
  if (digest) return { ref, digest, local: false };
  if (local) return local;
  throw new BelayError('image-unknown', `${ref} is neither in its registry nor on this engine`, {
    hint: `push it, correct the reference, or docker login ${parsed.registry ?? ''}`.trim(),
  });
}

/** The image stands on the engine under `tag`. Pulled by digest where it is not there yet. */
export async function fetch(
  docker: Docker,
  { image, tag, signal }: { image: PinnedImage; tag: string; signal?: AbortSignal },
): Promise<void> {
  signal?.throwIfAborted();
  const source = sourceOf(image);
  if (!(await exists(docker, source))) {
    if (image.local) throw gone(image);
    await pull(docker, { source, ref: image.ref, signal });
    if (!(await exists(docker, source))) throw new BelayError('unexpected', `${source} was pulled and is not there`);
  }
  const { repository, tag: version } = parseImageRef(tag);
  await ask(() => docker.getImage(source).tag({ repo: repository, tag: version }));
}

/** Tags that begin with the prefix, in order. */
export async function tags(docker: Docker, prefix: string): Promise<string[]> {
  const images = await ask(() => docker.listImages());
  return images
    .flatMap((image) => image.RepoTags ?? [])
    .filter((tag) => tag.startsWith(prefix))
    .sort();
}

/** As `tags`, with sizes. */
export async function images(docker: Docker, prefix: string): Promise<TaggedImage[]> {
  const all = await ask(() => docker.listImages());
  return all
    .flatMap(({ RepoTags, Size }) => (RepoTags ?? []).map((tag) => ({ tag, bytes: Size })))
    .filter(({ tag }) => tag.startsWith(prefix))
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** Takes the tag away, and the image with it when nothing else holds it. A tag that a container was created under stays. */
export async function untag(docker: Docker, tag: string): Promise<number> {
  const image = await askFor(() => docker.getImage(tag).inspect());
  if (!image || (await isUsed(docker, tag))) return 0;
  await removeUnused(docker, tag);
  const left = await askFor(() => docker.getImage(image.Id).inspect());
  if (!left) return image.Size;
  // An image pulled by digest keeps that name without a tag, and would stay on the disk for ever.
  if ((left.RepoTags ?? []).length > 0) return 0;
  await removeUnused(docker, image.Id);
  return (await exists(docker, image.Id)) ? 0 : image.Size;
}

/** The image of this id by a digest that a registry knows, else by the id itself. */
export async function pinned(docker: Docker, id: string): Promise<PinnedImage> {
  const image = await ask(() => docker.getImage(id).inspect());
  const [shared] = image.RepoDigests ?? [];
  if (!shared) return { ref: image.RepoTags?.[0] ?? id, digest: image.Id, local: true };
  const [repository, digest] = shared.split('@') as [string, string];
  const ref = image.RepoTags?.find((tag) => parseImageRef(tag).repository === repository) ?? shared;
  return { ref, digest, local: false };
}

export const has = (docker: Docker, image: PinnedImage): Promise<boolean> => exists(docker, sourceOf(image));

/** Returns when the registry has the image by its digest; throws where it has not, or does not answer. */
export async function offered(docker: Docker, image: PinnedImage): Promise<void> {
  if (image.local) throw gone(image);
  const source = sourceOf(image);
  if (await registryDigest(docker, source, parseImageRef(source))) return;
  throw new BelayError(
    'image-unknown',
    `the registry of ${image.ref} does not have ${image.digest.slice(0, 19)} any more`,
    {
      hint: 'push it again, or docker login where it is only hidden',
    },
  );
}

const sourceOf = ({ ref, digest, local }: PinnedImage): string =>
  local ? digest : `${parseImageRef(ref).repository}@${digest}`;

async function removeUnused(docker: Docker, name: string): Promise<void> {
  await ask(() => docker.getImage(name).remove()).catch((error) => {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  });
}

/** By an instance that was created under this tag; others hold the image without it. */
async function isUsed(docker: Docker, tag: string): Promise<boolean> {
  const users = await ask(() => docker.listContainers({ all: true, filters: { ancestor: [tag] } }));
  return users.some(({ Image }) => Image === tag);
}

const exists = async (docker: Docker, name: string) =>
  (await askFor(() => docker.getImage(name).inspect())) !== undefined;

async function pinById(docker: Docker, id: string): Promise<PinnedImage> {
  const image: PinnedImage = { ref: id, digest: id, local: true };
  if (await exists(docker, id)) return image;
  throw gone(image);
}

/** The image of that name, unless it came from its repository or went there. */
async function onlyHere(docker: Docker, ref: string, { repository }: ImageRef): Promise<PinnedImage | undefined> {
  const image = await askFor(() => docker.getImage(ref).inspect());
  const shared = image?.RepoDigests?.some((digest) => fullName(digest.split('@')[0]!) === fullName(repository));
  return image && !shared ? { ref, digest: image.Id, local: true } : undefined;
}

/** Undefined where the registry does not know the reference, or does not show it. */
async function registryDigest(docker: Docker, ref: string, parsed: ImageRef): Promise<string | undefined> {
  const authconfig = await registryAuth(parsed.registry);
  const late = () => new Error('no answer in time');
  try {
    const found = await ask(() => docker.getImage(ref).distribution({ authconfig }), { late });
    return found.Descriptor.digest;
  } catch (error) {
    if (error instanceof BelayError) throw error;
    if ([401, 403, 404].includes(statusOf(error) ?? 0) || unknownThere.test(wordsOf(error))) return undefined;
    throw statusOf(error) === 400 ? refused('image-unknown', ref, error) : await silent(docker, ref, error);
  }
}

async function silent(docker: Docker, ref: string, error: unknown): Promise<BelayError> {
  const registry = parseImageRef(ref).registry ?? 'docker.io';
  const here = await exists(docker, ref);
  return refused(
    'registry-unreachable',
    here ? `the registry of ${ref} does not answer` : `${ref} is not on this host, and its registry does not answer`,
    error,
    `see that ${registry} is up, or name an image that is on this host`,
  );
}

function gone({ ref, digest }: PinnedImage): BelayError {
  return new BelayError('image-unknown', `${ref} (${digest.slice(0, 19)}) is not on this engine any more`, {
    hint: 'build it again, or push it to a registry and release that',
  });
}
