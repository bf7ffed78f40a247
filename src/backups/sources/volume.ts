import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BelayError } from '../../errors';
import { writing } from '../../hosts/on-disk';
import type { ContainerFacts } from '../../runtimes/docker/containers';
import type { VolumeBackup } from '../../spec/backups/volume';
import type { Scratch } from '../scratch';
import type { Source } from '../source';
import { filesIn } from './archive';
import { existingContainer, type Place } from './tool';
import { readVolume } from './volume-reader';

/** A volume at its place in a container, running or not, by the engine itself: the image needs no tools. */
export function volumeSource({ path }: VolumeBackup, place: Place): Source {
  const { containers, container } = place;
  const at = (signal: AbortSignal, inside = '.') => ({ container, path: `${path}/${inside}`, signal });
  return {
    kind: 'volume',
    restores: 'stopped',
    dumpsStopped: true,
    async facts(signal) {
      const found = await existingContainer(place);
      if (!isOnVolume(found, path) || !(await containers.has(at(signal)))) throw nowhere(container, path);
      return { tools: {}, extension: 'tar', compressed: false, image: found.image };
    },
    async *dump(signal) {
      const { image } = await existingContainer(place);
      yield* readVolume(place, { path: `${path}/.`, image, signal });
    },
    async restore(data, { signal }) {
      const found = await existingContainer(place);
      assertStopped(place, found);
      await emptyFolder(found, { container, path });
      await containers.write({ container, path, signal }, Readable.from(data));
    },
    ask: (question = '.', signal) => filesIn(containers.read(at(signal, question))),
  };
}

/** A container that never starts, with an empty volume at the same place. */
export function volumeScratch(asked: VolumeBackup): Scratch<VolumeBackup> {
  const empty = { Type: 'volume' as const, Source: '', Target: asked.path, VolumeOptions: emptyVolume };
  return { asked, options: { HostConfig: { Mounts: [empty] } } };
}

/** Without what the image has at that place. */
const emptyVolume = { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } };

/** True if the path is on a volume, or on a folder of this machine. */
export const isOnVolume = ({ mounts }: ContainerFacts, path: string): boolean => onMachine(mounts, path) !== undefined;

/** Throws for a container that runs. */
export function assertStopped({ container }: Place, { running }: ContainerFacts): void {
  if (running) throw isRunning(container);
}

/** Removes what a folder on a volume holds. Only the machine itself allows that, as an image may have no tools. */
export async function emptyFolder(
  { mounts }: ContainerFacts,
  { container, path }: { container: string; path: string },
) {
  const folder = onMachine(mounts, path);
  if (folder === undefined) throw nowhere(container, path);
  const names = await readdir(folder).catch((cause) => {
    throw new BelayError('preflight-failed', `${folder}, the volume at ${path} of ${container}, is out of reach`, {
      hint: 'restore on the machine of the engine, as a user that may enter the folder',
      cause,
    });
  });
  for (const name of names) await writing(folder, () => rm(join(folder, name), { recursive: true, force: true }));
}

/** The folder on this machine; undefined for one on no volume. */
function onMachine(mounts: ContainerFacts['mounts'], path: string): string | undefined {
  const isAbove = (mount: string) => path === mount || path.startsWith(`${mount}/`);
  const mount = Object.keys(mounts).filter(isAbove).sort().at(-1);
  return mount && join(mounts[mount]!, path.slice(mount.length));
}

const nowhere = (container: string, path: string): BelayError =>
  new BelayError('input-invalid', `${container} has no volume at ${path}`, {
    hint: `docker inspect ${container} shows its mounts`,
  });

const isRunning = (container: string): BelayError =>
  new BelayError('input-invalid', `${container} runs, and its files would change under it`, {
    hint: `stop it first: docker stop ${container}`,
  });
