import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReleaseHandle } from '../../src/client';
import type { ReleaseRequest } from '../../src/model/requests';
import type { ReleaseResult } from '../../src/model/status';
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
import { instancesOf, versionAt } from './containers';

type Worker = Awaited<ReturnType<Platform['startWorker']>>;

export interface Stage {
  bed: Bed;
  platform: Platform;
  /** The file that names the points at which workers die. */
  crashes: string;
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
  /** Its start, in milliseconds. */
  since: number;
  snapshot(): ReturnType<Load['snapshot']>;
  /** Begins a phase: later requests count for it. */
  mark(phase: string): Promise<void>;
  stop(): Promise<LoadResult>;
}

export type StageOptions = Omit<BedOptions, 'dir'> & {
  platform: Omit<PlatformOptions, 'bed'>;
  workerEnv?: NodeJS.ProcessEnv;
  /** Its workers can be told where to die. */
  mortal?: boolean;
};

/** A bed of its own with one platform and one worker. */
export async function setStage({ platform: options, workerEnv, mortal, ...bedOptions }: StageOptions): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-e2e-'));
  // Leftovers of a killed run would be in the way.
  await removeContainers(options.name);
  const bed = await startBed({ ...bedOptions, dir });
  const platform = await createPlatform({ ...options, bed });
  const crashes = join(platform.folder, 'crashes');
  mkdirSync(crashes);
  const workers: Worker[] = [];
  const loads: Traffic[] = [];
  const startWorker: Platform['startWorker'] = async (more) => {
    const program = mortal && { program: ['dist', 'test', 'e2e', 'crash-worker.js'] };
    const env = { ...(mortal && { BELAY_CRASH: crashes }), ...workerEnv, ...more?.env };
    const worker = await platform.startWorker({ ...program, ...more, env });
    workers.push(worker);
    return worker;
  };
  const quiet = async () => void (await Promise.all(loads.splice(0).map((load) => load.stop().catch(() => undefined))));
  await startWorker();
  return {
    bed,
    quiet,
    platform,
    crashes,
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
  const load = await startLoad({ url: bed.haproxy.url('api'), ratePerSecond: 60, ...options });
  return { ...load, since };
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

/** Members of the service, in place of the bed's own. */
export type Service = NonNullable<PlatformOptions['service']>;

/** HAProxy's own, where its checks are not what is tried: each new instance waits for one. */
export const frequentChecks = {
  backend: ['default-server check inter 100ms fall 3 rise 1 observe layer7 error-limit 1 on-error mark-down'],
};

/** The bed's checks, except that a new instance does not wait two seconds for its first one. */
export const earlyChecks = { backend: ['default-server inter 100ms'] };

/** Quick, so that the time goes into what is tried. */
export const quickly: Service = {
  health: { ready: { http: '/ready', every: '100ms', healthy: 1, within: '10s' } },
  strategy: { kind: 'rolling', surge: 3 },
};

export interface Versions {
  /** Runs. */
  from: string;
  /** The other one of 1 and 2. */
  to: string;
}

/**
 * Returns the versions that a test's release leads from and to. Unless so many instances of one version run, version 1
 * comes in first, with the service as `before`.
 */
export async function versionsAt(
  { platform, release }: Stage,
  { count, before = quickly }: { count: number; before?: Service },
): Promise<Versions> {
  const instances = await instancesOf(platform.name);
  const [from, ...others] = new Set(await Promise.all(instances.map(({ port }) => versionAt(port).catch(() => ''))));
  if (from && others.length === 0 && instances.length === count) return { from, to: from === '1' ? '2' : '1' };
  platform.write({ service: before });
  const { outcome } = await (await release({ versions: { api: '1' } })).result();
  expect(['released', 'unchanged']).toContain(outcome);
  return { from: '1', to: '2' };
}
