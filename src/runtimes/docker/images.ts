import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import type { PinnedImage } from '../../model/artifact';
import { engineTimes, type ImageCheck } from './compose/healthcheck';
import type { TaggedImage } from './engine';
import { ask, askFor, statusOf } from './errors';
import { fullName, type ImageRef, parseImageRef } from './image-ref';
import { isOnlyHere, type LocalImage, localImage, originOf } from './origin';
import { pull } from './pull';
import { type RegistryAnswer, registryAnswer, registryDigest } from './registry';

const imageId = /^sha256:[0-9a-f]{64}$/;

/**
 * The image with its digest. A reference with a registry's host is resolved there first. This engine answers only if
 * the registry does not know it. A reference without a host is this engine's if it was built here. Throws
 * `image-unknown`, `registry-denied` and `registry-unreachable`, even if this engine has another image of that name:
 * see `underName`.
 */
export async function pin(docker: Docker, ref: string): Promise<PinnedImage> {
  if (imageId.test(ref)) return pinById(docker, ref);
  const parsed = parseImageRef(ref);
  if (parsed.digest) return { ref, digest: parsed.digest, local: false };
  const here = await localImage(docker, ref, parsed);
  if (here?.from === 'here' && !parsed.registry) return { ref, digest: here.id, local: true };
  try {
    const digest = await registryDigest(docker, ref);
    const isOther = here?.from === 'unsure' && !parsed.registry && digest !== here.digest;
    if (isOther && !(await hasDigest(docker, parsed, here.digest!))) return { ref, digest: here.id, local: true };
    return { ref, digest, local: false };
  } catch (error) {
    if (isRefusal(error) && here && here.from !== 'registry') return { ref, digest: here.id, local: true };
    throw here ? error : nowhere(error, ref);
  }
}

/** The image of that very name on this engine, whatever a registry would answer. */
export async function underName(docker: Docker, ref: string): Promise<PinnedImage | undefined> {
  if (imageId.test(ref)) return undefined;
  const here = await localImage(docker, ref, parseImageRef(ref));
  if (!here) return undefined;
  const isOwn = here.from === 'here';
  return { ref, digest: isOwn ? here.id : here.digest!, local: isOwn };
}

/** Ensures that the engine has the image, under `tag` if given. Pulls a missing image by digest. */
export async function fetch(
  docker: Docker,
  { image, tag, signal }: { image: PinnedImage; tag?: string; signal?: AbortSignal },
): Promise<void> {
  signal?.throwIfAborted();
  const source = sourceOf(image);
  const isHere = async () => (await idOf(docker, image, image.platform)) !== undefined;
  if (!(await isHere())) {
    if (image.local) throw gone(image);
    await pull(docker, { source, ref: image.ref, platform: image.platform, signal });
    if (!(await isHere())) throw new BelayError('unexpected', `${source} was pulled and is not there`);
  }
  if (tag === undefined) return;
  const { repository, tag: version } = parseImageRef(tag);
  await ask(() => docker.getImage(source).tag({ repo: repository, tag: version }));
}

/** Tags with the prefix, in order. */
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

/** Removes the tag, and the image if nothing else uses it. A tag that a container was created from stays. */
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

/** As `ContainerReader.pinned`. Other names of the same image may belong to others. */
export async function pinned(docker: Docker, id: string, container?: string): Promise<PinnedImage> {
  const image = await ask(() => docker.getImage(id).inspect());
  const given = container && (await askFor(() => docker.getContainer(container).inspect()))?.Config.Image;
  const tags = (image.RepoTags ?? []).filter((one) => !isOnlyHere(parseImageRef(one)));
  const names = [...(given && !imageId.test(given) ? [given] : []), ...tags];
  const digests = (image.RepoDigests ?? []).filter((one) => !isOnlyHere(parseImageRef(one)));
  const [shared = digests[0]] = names.flatMap((name) => digests.filter(isOf(name)));
  const local = { ref: names[0] ?? id, digest: image.Id, local: true };
  if (!shared) return local;
  const { digest } = parseImageRef(shared);
  const ref = names.find((name) => isOf(name)(shared)) ?? shared;
  const origin = originOf(image, parseImageRef(shared));
  return (await isShared(docker, shared, origin)) ? { ref, digest: digest!, local: false } : { ...local, ref };
}

const isOf = (ref: string) => (digest: string) =>
  fullName(digest.split('@')[0]!) === fullName(parseImageRef(ref).repository);

/** As `ContainerReader.imageId`: the same question that Compose asks before it compares containers. */
export async function idOf(
  docker: Docker,
  image: string | PinnedImage,
  platform?: string,
): Promise<string | undefined> {
  const name = typeof image === 'string' ? image : sourceOf(image);
  const found = await askFor(() => docker.getImage(name).inspect());
  if (!found || (platform !== undefined && !isFor(platform, found))) return undefined;
  return found.Id;
}

/**
 * True if the image fits a platform such as `linux/arm64/v8`. The variant may be open, and a missing system means the
 * engine's own.
 */
export function isFor(platform: string, image: Pick<Docker.ImageInspectInfo, 'Os' | 'Architecture'>): boolean {
  const parts = platform.toLowerCase().split('/');
  const [os, machine, variant] = parts.length === 1 ? [image.Os, parts[0]!] : parts;
  const given = (image as { Variant?: string }).Variant;
  return os === image.Os && (machines[machine!] ?? machine) === image.Architecture && (!variant || variant === given);
}

const machines: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64', i386: '386', armhf: 'arm' };

/** As `ContainerReader.healthcheck`. */
export async function healthcheck(docker: Docker, image: string): Promise<ImageCheck | undefined> {
  const found = await askFor(() => docker.getImage(image).inspect());
  if (!found) return undefined;
  const { Test: test = [], ...times } =
    (found.Config as { Healthcheck?: Docker.HealthConfig } | undefined)?.Healthcheck ?? {};
  return { test, ...engineTimes(times) };
}

/** As `ContainerReader.madeAt`. A reproducible build often says 1970. */
export async function madeAt(docker: Docker, image: string): Promise<number | undefined> {
  const found = await askFor(() => docker.getImage(image).inspect());
  return Date.parse(found?.Created ?? '') || undefined;
}

export const has = (docker: Docker, image: PinnedImage): Promise<boolean> => exists(docker, sourceOf(image));

/** The registry's answer about the image, by its digest; throws if it does not have it, or does not answer. */
export async function offered(docker: Docker, image: PinnedImage): Promise<RegistryAnswer> {
  if (image.local) throw gone(image);
  return await registryAnswer(docker, sourceOf(image)).catch((error: unknown) => {
    if (!isUnknown(error)) throw error;
    throw new BelayError(
      'image-unknown',
      `the registry of ${image.ref} does not have ${image.digest.slice(0, 19)} any more`,
      { hint: 'push it again, or docker login where it is only hidden', cause: error },
    );
  });
}

/** The name by which this engine finds the image. */
export const sourceOf = ({ ref, digest, local }: PinnedImage): string =>
  local ? digest : `${parseImageRef(ref).repository}@${digest}`;

async function removeUnused(docker: Docker, name: string): Promise<void> {
  await ask(() => docker.getImage(name).remove()).catch((error) => {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  });
}

/** True if an instance was created from this tag; other containers use the image without it. */
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

/** True if the registry has the image, or does not answer: a silent registry may have it. */
async function isShared(docker: Docker, source: string, { from }: LocalImage): Promise<boolean> {
  if (from !== 'unsure') return from === 'registry';
  return await hasDigest(docker, parseImageRef(source), parseImageRef(source).digest!).catch(() => true);
}

/** Asks by digest, so that another image of the same name does not count. */
async function hasDigest(docker: Docker, { repository }: ImageRef, digest: string): Promise<boolean> {
  return await registryDigest(docker, `${repository}@${digest}`).then(
    () => true,
    (error: unknown) => {
      if (isRefusal(error)) return false;
      throw error;
    },
  );
}

const isUnknown = (error: unknown): boolean => error instanceof BelayError && error.code === 'image-unknown';

/** True if the registry answered that it does not have the image, or denies it. */
const isRefusal = (error: unknown): boolean =>
  isUnknown(error) || (error instanceof BelayError && error.code === 'registry-denied');

/** The error that names both places: no answering registry has the image, nor does this host. */
function nowhere(error: unknown, ref: string): unknown {
  if (!(error instanceof BelayError) || error.code === 'engine-unreachable') return error;
  const { code, message, hint } = error;
  const words = message.startsWith(`${ref}: `) ? message.slice(ref.length + 2) : message;
  return new BelayError(code, `${ref} is not on this host, and ${words}`, { hint, cause: error });
}

function gone({ ref, digest }: PinnedImage): BelayError {
  return new BelayError('image-unknown', `${ref} (${digest.slice(0, 19)}) is not on this engine any more`, {
    hint: 'build it again, or push it to a registry and release that',
  });
}
