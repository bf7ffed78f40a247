import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReleaseHandle } from '../../src/client';
import type { ReleaseRequest } from '../../src/spec/release-input';
import type { ReleaseResult } from '../../src/spec/status';
import {
  type Bed,
  type BedOptions,
  type Load,
  type LoadOptions,
  type LoadResult,
  startBed,
  startLoad,
} from '../../testbed';
import { createPlatform, type Platform, type PlatformOptions, removeContainers } from '../../testbed/platform';

type Worker = Awaited<ReturnType<Platform['startWorker']>>;

export interface Stage {
  bed: Bed;
  platform: Platform;
  worker(): Worker;
  /** Starts one more; the present one is the latest. All are stopped at the end. */
  startWorker: Platform['startWorker'];
  release(request?: Omit<ReleaseRequest, 'platform'>): Promise<ReleaseHandle>;
  /** A load at a modest rate, so that what it shows is the release and not two busy processors. */
  load(options?: Partial<LoadOptions>): Promise<Traffic>;
  /** Ends the loads that a test has left behind when it failed. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

export interface Traffic {
  /** When it began, in milliseconds. */
  since: number;
  snapshot(): ReturnType<Load['snapshot']>;
  /** What is sent from now on counts for this phase. */
  mark(phase: string): Promise<void>;
  stop(): Promise<LoadResult>;
}

export type StageOptions = Omit<BedOptions, 'dir'> & {
  platform: Omit<PlatformOptions, 'bed'>;
  workerEnv?: NodeJS.ProcessEnv;
};

/** A bed of its own with one platform and one worker. */
export async function setStage({ platform: options, workerEnv, ...bedOptions }: StageOptions): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-e2e-'));
  // What a run that was killed has left would be in the way.
  await removeContainers(options.name);
  const bed = await startBed({ ...bedOptions, name: options.name, dir });
  const platform = await createPlatform({ ...options, bed });
  const workers: Worker[] = [];
  const loads: Traffic[] = [];
  const startWorker: Platform['startWorker'] = async (more) => {
    const worker = await platform.startWorker({ ...more, env: { ...workerEnv, ...more?.env } });
    workers.push(worker);
    return worker;
  };
  const quiet = async () => void (await Promise.all(loads.splice(0).map((load) => load.stop().catch(() => undefined))));
  await startWorker();
  return {
    bed,
    quiet,
    platform,
    worker: () => workers.at(-1)!,
    startWorker,
    release: (request = {}) => platform.belay.release({ platform: platform.name, ...request }),
    async load(more = {}) {
      const load = await startTraffic(bed, more);
      loads.push(load);
      return load;
    },
    async stop() {
      await quiet();
      for (const worker of workers) await worker.stop();
      try {
        await platform.remove();
      } finally {
        await bed.stop();
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function startTraffic(bed: Bed, options: Partial<LoadOptions>): Promise<Traffic> {
  const since = Date.now();
  const load = await startLoad({ url: bed.haproxy.url('api'), ratePerSecond: 300, ...options });
  let result: Promise<LoadResult> | undefined;
  const stop = () => {
    result ??= load.stop();
    return result;
  };
  return { since, stop, snapshot: () => load.snapshot(), mark: (phase) => load.mark(phase) };
}

/** Releases, waits for the end, and demands that it is this one. */
export async function releaseTo(
  stage: Stage,
  request: Omit<ReleaseRequest, 'platform'>,
  outcome: ReleaseResult['outcome'] = 'released',
): Promise<ReleaseResult> {
  const result = await (await stage.release(request)).result();
  expect({ outcome: result.outcome, cause: outcome === 'released' ? result.cause : undefined }).toEqual({
    outcome,
    cause: undefined,
  });
  return result;
}
