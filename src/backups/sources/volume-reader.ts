import { BelayError } from '../../errors';
import { unbroken } from './archive';
import type { Place } from './tool';

interface Folder {
  /** On a volume of the container. */
  path: string;
  /** The container's image. */
  image: string;
  signal: AbortSignal;
}

/**
 * A tape archive of a folder on a volume. The engine locks a container while it reads from it: nothing else can inspect
 * it, or write into it. So another one that shares its volumes, and never starts, is read.
 */
export async function* readVolume(
  { containers, container }: Place,
  { image, ...folder }: Folder,
): AsyncGenerator<Uint8Array> {
  const name = `${container}-belay-reader`;
  await containers.discard(name);
  try {
    await containers.create(name, {
      Image: image,
      Labels: { 'belay.restore': container },
      HostConfig: { VolumesFrom: [container], NetworkMode: 'none' },
    });
    yield* unbroken(containers.read({ ...folder, container: name }), () => shrunk(container, folder.path));
  } finally {
    await containers.discard(name);
  }
}

/** The engine leaves out all that comes after such a file, and says nothing. */
const shrunk = (container: string, path: string): BelayError =>
  new BelayError(
    'backup-failed',
    `${path.replace(/\/\.$/, '')} of ${container} cannot be read whole: a file became smaller meanwhile`,
    {
      hint: 'stop what writes to it, then try again',
    },
  );
