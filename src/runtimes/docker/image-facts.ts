import type Docker from 'dockerode';
import type { PinnedImage } from '../../model/artifact';
import type { ImageFacts, Platform } from '../runtime';
import { credentialsFor } from './auth';
import { downloadOf } from './download';
import { ask, askFor } from './errors';
import { parseImageRef } from './image-ref';
import { idOf, isFor, offered, sourceOf } from './images';
import { registryReader } from './registry-http';

/** As `ArtifactStore.describe`. */
export async function describeImage(docker: Docker, image: PinnedImage, easy: number): Promise<ImageFacts> {
  if ((await idOf(docker, image, image.platform)) !== undefined) return await here(docker, image);
  const [answer, download] = await Promise.all([
    offered(docker, image),
    sizeOf(docker, image, easy).catch(() => undefined),
  ]);
  const { Descriptor, Platforms } = answer;
  const all = (Platforms ?? []).map(({ os, architecture, variant }) => ({ os, machine: architecture, variant }));
  const wanted = all.filter(isKnown).filter((one) => image.platform === undefined || fits(image.platform, one));
  // Out of a list the engine takes its own platform, unless it is told another.
  const isList = image.platform === undefined && /index|list/.test(Descriptor.mediaType);
  const platforms = wanted.map(({ os, machine }) => ({ os, machine }));
  return { platforms, isList, ...(download !== undefined && { download }) };
}

const fits = (platform: string, { os, machine, variant }: Platform & { variant?: string }): boolean =>
  isFor(platform, { Os: os, Architecture: machine, Variant: variant } as Parameters<typeof isFor>[1]);

/** Attestations stand in a list as images for no platform. */
const isKnown = ({ os, machine }: Platform): boolean => os !== 'unknown' && machine !== 'unknown' && os !== '';

async function here(docker: Docker, image: PinnedImage): Promise<ImageFacts> {
  const found = await askFor(() => docker.getImage(sourceOf(image)).inspect());
  return {
    platforms: found ? [{ os: found.Os, machine: found.Architecture }] : [],
    isList: false,
    download: 0,
  };
}

async function sizeOf(docker: Docker, image: PinnedImage, easy: number): Promise<number> {
  const { registry, repository } = parseImageRef(image.ref);
  const read = registryReader(repository, await credentialsFor(registry));
  const platform = async () => image.platform ?? (await platformOf(docker));
  return await downloadOf({ read, digest: image.digest, platform, here: () => layersHere(docker) }, easy);
}

async function platformOf(docker: Docker): Promise<string> {
  const { Os, Arch } = await ask(() => docker.version());
  return `${Os}/${Arch}`;
}

/** The layers of all images on the engine. */
async function layersHere(docker: Docker): Promise<string[][]> {
  const all = await ask(() => docker.listImages());
  const found = await Promise.all(all.map(({ Id }) => askFor(() => docker.getImage(Id).inspect())));
  return found.map((one) => one?.RootFS?.Layers ?? []);
}
