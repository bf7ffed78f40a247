import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { tryFlock } from '../src/hosts/flock';
import { type Haproxy, type HaproxyOptions, startHaproxy } from './haproxy';
import { type BuildOptions, buildImages, type Image, type ImageVersion, untagImages } from './images';
import { type Registry, startRegistry } from './registry';
import { projectRoot } from './root';
import { startTemporal, type Temporal } from './temporal';

export type BedOptions = {
  dir: string;
  /** Versions of the image `app`; '1' and '2' by default. */
  versions?: ImageVersion[];
  /** Name of the image; 'app' by default. */
  name?: string;
  /** One backend `api` with eight slots by default. */
  haproxy?: Partial<Omit<HaproxyOptions, 'dir'>>;
  uiPort?: number;
};

export type Bed = {
  dir: string;
  registry: Registry;
  /** Images by tag. */
  images: Record<string, Image>;
  haproxy: Haproxy;
  temporal: Temporal;
  /** Stops all parts in reverse order, even if one of them fails. */
  stop(): Promise<void>;
};

type Stop = () => Promise<void>;

/** Starts everything that a release needs on this machine, each part in a folder of its own below `dir`. */
export async function startBed(options: BedOptions): Promise<Bed> {
  const stops: Stop[] = [];
  try {
    const parts = await startParts(options, stops);
    return { dir: options.dir, ...parts, stop: () => stopAll(stops) };
  } catch (error) {
    await stopAll(stops).catch(() => undefined);
    throw error;
  }
}

async function startParts(
  { dir, versions = [{ tag: '1' }, { tag: '2' }], name = 'app', haproxy, uiPort }: BedOptions,
  stops: Stop[],
) {
  mkdirSync(dir, { recursive: true });
  const keep = <Part extends { stop: Stop }>(part: Part) => {
    stops.push(() => part.stop());
    return part;
  };
  const backends = [{ name: 'api', slots: 8 }];
  const storage = keep(await takeStorage());
  const starting = startRegistry({ dir: join(dir, 'registry'), storage: storage.folder }).then(keep);
  const [registry, proxy, temporal, images] = await allOrThrow([
    starting,
    startHaproxy({ backends, ...haproxy, dir: join(dir, 'haproxy') }).then(keep),
    startTemporal({ dir: join(dir, 'temporal'), uiPort }).then(keep),
    starting.then(({ address }) => publishImages({ registry: address, name, versions })).then(keep),
  ]);
  return { registry, images: images.byTag, haproxy: proxy, temporal };
}

/** Takes a registry's folder that no other bed has. It stays between runs, so that the big layer is pushed once. */
async function takeStorage(): Promise<{ folder: string; stop: Stop }> {
  for (let number = 1; ; number += 1) {
    const folder = join(projectRoot, '.tools', `registry-${number}`);
    mkdirSync(folder, { recursive: true });
    // The lock ends with this process at the latest.
    const lock = await open(join(folder, 'lock'), 'a');
    if (tryFlock(lock.fd, {})) return { folder, stop: () => lock.close() };
    await lock.close();
  }
}

async function publishImages(options: BuildOptions) {
  const images = await buildImages(options);
  return {
    byTag: Object.fromEntries(images.map((image) => [image.tag, image])),
    stop: () => untagImages(images),
  };
}

// Waits for all parts even if one fails: late starters must be stopped too.
async function allOrThrow<Parts extends unknown[]>(
  starting: { [K in keyof Parts]: Promise<Parts[K]> },
): Promise<Parts> {
  await Promise.allSettled(starting);
  return Promise.all(starting) as Promise<Parts>;
}

async function stopAll(stops: Stop[]): Promise<void> {
  const errors: unknown[] = [];
  while (stops.length > 0) await stops.pop()!().catch((error) => errors.push(error));
  if (errors.length > 0) throw new AggregateError(errors, `the test bed did not stop cleanly: ${errors.join('; ')}`);
}
