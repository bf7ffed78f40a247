import { readFileSync } from 'node:fs';
import { type Bed, type RunningProcess, startLoad, waitFor } from '../testbed';
import type { Platform } from '../testbed/platform';
import { criticalPath, median, overheads, type StepTimes, span, timelineOf } from './timeline';

/** Times in milliseconds. */
export interface ReleaseFigures {
  wall: number;
  failed: number;
  requests: number;
  p99Before: number;
  p99During: number;
  criticalPath: number;
  overCriticalPath: number;
  overheadMedian: number;
}

interface Stage {
  bed: Bed;
  platform: Platform;
}

const clients = 8;
/** Long enough for a p99 of its own before anything happens. */
const quiet = 3_000;

/** What Belay itself adds to a release, where nothing else keeps the machine busy. */
export async function measureOverhead(
  { platform }: Stage,
  version: string,
): Promise<Pick<ReleaseFigures, 'overCriticalPath' | 'overheadMedian'>> {
  const handle = await platform.belay.release({ platform: platform.name, versions: { api: version } });
  await handle.result();
  return overheadOf(await timelineOf(platform.client, handle));
}

const overheadOf = (times: StepTimes[]) => ({
  overCriticalPath: span(times) / criticalPath(times),
  overheadMedian: median(overheads(times)),
});

/** Releases a version under load. */
export async function measureRelease({ bed, platform }: Stage, version: string): Promise<ReleaseFigures> {
  const load = await startLoad({ url: bed.haproxy.url('api'), clients });
  await new Promise((resolve) => setTimeout(resolve, quiet));
  await load.mark('during');
  const began = Date.now();
  const handle = await platform.belay.release({ platform: platform.name, versions: { api: version } });
  await handle.result();
  const wall = Date.now() - began;
  const { failed, requests, phases } = await load.stop();
  const times = await timelineOf(platform.client, handle);
  return {
    wall,
    failed,
    requests,
    p99Before: phases.start?.p99 ?? Number.NaN,
    p99During: phases.during?.p99 ?? Number.NaN,
    criticalPath: criticalPath(times),
    ...overheadOf(times),
  };
}

/** From the signal, sent when the last new instance has come into traffic, to the end of the way back. */
export async function measureRollback(
  { bed, platform }: Stage,
  version: string,
): Promise<{ wall: number; failed: number }> {
  const load = await startLoad({ url: bed.haproxy.url('api'), clients });
  const handle = await platform.belay.release({ platform: platform.name, versions: { api: version } });
  await waitFor({
    what: 'the last swap',
    within: 120_000,
    until: async () => {
      const { plan, steps } = await handle.status();
      const swaps = plan?.steps.filter((step) => step.kind === 'swap') ?? [];
      return swaps.length > 0 && swaps.every((step) => steps[step.id]?.state === 'done');
    },
  });
  const began = Date.now();
  await handle.say('rollback', { by: 'bench' });
  await handle.result();
  const wall = Date.now() - began;
  return { wall, failed: (await load.stop()).failed };
}

/** From the start of a new worker's process to the first step that it begins, after the old one was killed in a probe. */
export async function measureRestart(
  { platform }: Stage,
  { worker, version }: { worker: RunningProcess; version: string },
) {
  const handle = await platform.belay.release({ platform: platform.name, versions: { api: version } });
  await waitFor({
    what: 'a probe',
    every: 10,
    within: 30_000,
    until: async () =>
      Object.entries((await handle.status()).steps).some(
        ([id, one]) => id.includes('/probe/') && one.state === 'running',
      ),
  });
  await worker.end('SIGKILL');
  const began = Date.now();
  const next = await platform.startWorker();
  await handle.result();
  const starts = (await timelineOf(platform.client, handle)).map((one) => one.started).filter((at) => at > began);
  return { worker: next, toNextStep: Math.min(...starts) - began };
}

/** Resident memory in megabytes. */
export function residentMemory(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
}
