import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BelayError } from '../../errors';
import { writing } from '../../hosts/on-disk';
import type { VolumeBackup } from '../../spec/backups/volume';
import type { Scratch } from '../scratch';
import type { Source } from '../source';
import { filesIn } from './archive';
import { existingContainer, type Place } from './tool';

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
      if (!(await containers.has(at(signal)))) throw nowhere(container, path);
      return { tools: {}, extension: 'tar', compressed: false, image: found.image };
    },
    dump: (signal) => containers.read(at(signal)),
    async restore(data, { signal }) {
      const found = await existingContainer(place);
      if (found.running) throw running(container);
      await empty(found.mounts[path], { container, path });
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

/** Removes what the volume holds. Only its folder on this machine allows that, as an image may have no tools. */
async function empty(folder: string | undefined, { container, path }: { container: string; path: string }) {
  if (folder === undefined) throw nowhere(container, path);
  const names = await readdir(folder).catch((cause) => {
    throw new BelayError('preflight-failed', `${folder}, the volume at ${path} of ${container}, is out of reach`, {
      hint: 'restore on the machine of the engine, as a user that may enter the folder',
      cause,
    });
  });
  for (const name of names) await writing(folder, () => rm(join(folder, name), { recursive: true, force: true }));
}

const nowhere = (container: string, path: string): BelayError =>
  new BelayError('input-invalid', `${container} has no volume at ${path}`, {
    hint: `docker inspect ${container} shows its mounts`,
  });

const running = (container: string): BelayError =>
  new BelayError('input-invalid', `${container} runs, and its files would change under it`, {
    hint: `stop it first: docker stop ${container}`,
  });
