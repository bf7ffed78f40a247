import type { Reader } from './registry-http';

interface Layer {
  digest: string;
  size: number;
}

interface Manifest {
  /** Of an image. */
  layers?: Layer[];
  config?: { digest: string };
  /** Of a list. */
  manifests?: Array<{ digest: string; platform?: { os: string; architecture: string; variant?: string } }>;
}

interface Download {
  read: Reader;
  digest: string;
  /** The platform of the image in a list: `linux/amd64`. */
  platform: () => Promise<string>;
  /** Digests of unpacked layers of each image that the host has, from the first. */
  here: () => Promise<string[][]>;
}

/**
 * Compressed bytes of an image's layers. Those that the host has are not counted; that takes longer, so it is done only
 * above `easy` bytes. Throws where the registry does not tell.
 */
export async function downloadOf({ read, digest, platform, here }: Download, easy: number): Promise<number> {
  const { layers, config } = await manifestOf({ read, digest, platform });
  if (!layers || !config) throw new Error('no manifest of an image');
  const all = sum(layers);
  if (all <= easy) return all;
  const [{ rootfs }, images] = await Promise.all([
    read<{ rootfs: { diff_ids: string[] } }>(`blobs/${config.digest}`),
    here(),
  ]);
  return sum(layers.slice(sharedLayers(rootfs.diff_ids, images)));
}

async function manifestOf({ read, digest, platform }: Omit<Download, 'here'>): Promise<Manifest> {
  const found = await read<Manifest>(`manifests/${digest}`);
  if (!found.manifests) return found;
  const [os, architecture, variant] = (await platform()).split('/');
  const own = found.manifests.find(
    ({ platform: one }) =>
      one?.os === os && one?.architecture === architecture && (!variant || one?.variant === variant),
  );
  if (!own) throw new Error('no image for this platform');
  return await read<Manifest>(`manifests/${own.digest}`);
}

/** A layer that an image has twice is downloaded once. */
const sum = (layers: Layer[]): number =>
  [...new Map(layers.map(({ digest, size }) => [digest, size])).values()].reduce((all, size) => all + size, 0);

/** The number of first layers that an image here has too: an engine shares a layer only with all below it. Pure. */
export function sharedLayers(layers: string[], images: string[][]): number {
  const common = (image: string[]) => {
    const end = layers.findIndex((layer, index) => layer !== image[index]);
    return end < 0 ? layers.length : end;
  };
  return Math.max(0, ...images.map(common));
}
