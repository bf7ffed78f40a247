import { setTimeout as sleep } from 'node:timers/promises';
import { BelayError } from '../errors';
import type { Containers } from '../runtimes/docker/containers';
import type { CreateOptions } from '../runtimes/docker/create-options';
import type { Place } from './sources/tool';

/** How to make an empty instance of one kind, from the image that the live one has. */
export interface Scratch<Asked> {
  /** The part to back up, as the scratch instance has it. */
  asked: Asked;
  options: CreateOptions;
  password?: string;
  /** True once the instance serves. Absent: it never runs. */
  isReady?(place: Place, signal: AbortSignal): Promise<boolean>;
}

export const scratchLabel = 'belay.scratch';

export interface ScratchRequest {
  containers: Containers;
  /** The instance's name: an instance that another worker left under it is removed first. */
  name: string;
  /** `shop/db`, by which those of a worker that died are found. */
  owner: string;
  image: string;
  options: CreateOptions;
}

/** Uses a container without any network, and ensures that it is gone afterwards, with its data. */
export async function withScratch<T>(request: ScratchRequest, use: () => Promise<T>): Promise<T> {
  const { containers, name, owner, image, options } = request;
  await containers.discard(name);
  try {
    const HostConfig = { ...options.HostConfig, NetworkMode: 'none' };
    await containers.create(name, { ...options, Image: image, Labels: { [scratchLabel]: owner }, HostConfig });
    return await use();
  } finally {
    await containers.discard(name);
  }
}

/** Removes the scratch instances of a service, which nobody verifies now. */
export async function sweepScratches(containers: Containers, owner: string): Promise<string[]> {
  const names = await containers.labelled({ [scratchLabel]: owner });
  for (const name of names) await containers.discard(name);
  return names;
}

/** Returns once the instance serves. Throws with its last words if it ends first. */
export async function untilReady(scratch: Scratch<unknown>, place: Place, signal: AbortSignal): Promise<void> {
  const { containers, container } = place;
  while (!(await scratch.isReady!(place, signal))) {
    signal.throwIfAborted();
    if (!(await containers.find(container))?.running) {
      throw new BelayError('backup-failed', `the scratch instance ended:\n${await containers.logTail(container, 10)}`, {
        hint: 'see that the image starts with an empty volume',
      });
    }
    await sleep(200, undefined, { signal }).catch(() => undefined);
  }
}
