import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bed, type BedOptions, startBed } from '../testbed';
import { createPlatform, type Platform, type PlatformOptions, removeContainers } from '../testbed/platform';

export interface Stage {
  bed: Bed;
  platform: Platform;
}

export type StageOptions = Omit<BedOptions, 'dir' | 'name'> & {
  platform: Omit<PlatformOptions, 'bed'>;
  /** Returns more environment for the worker, if that needs the stage's folder. */
  workerEnv?: (dir: string) => Promise<NodeJS.ProcessEnv>;
};

/** Runs a measurement on real parts, with one platform and one worker. */
export async function onStage<T>(
  { platform: options, workerEnv, ...bedOptions }: StageOptions,
  measure: (stage: Stage) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), `${options.name}-`));
  await removeContainers(options.name);
  const ends: Array<() => unknown> = [() => rmSync(dir, { recursive: true, force: true })];
  try {
    const bed = await startBed({ ...bedOptions, dir, name: options.name });
    ends.push(bed.stop);
    const platform = await createPlatform({ ...options, bed });
    ends.push(platform.remove);
    const worker = await platform.startWorker({ env: await workerEnv?.(dir) });
    ends.push(() => worker.stop());
    return await measure({ bed, platform });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
