import { readFileSync } from 'node:fs';
import { type RunningProcess, waitFor } from '../testbed';
import { releaseOf } from './release';
import type { Stage } from './stage';
import { timelineOf } from './timeline';

/** Kills a worker in a probe, and measures the time from the next one's start to its first step. */
export async function measureRestart(stage: Stage, { worker, version }: { worker: RunningProcess; version: string }) {
  const { platform } = stage;
  const handle = await releaseOf({ ...stage, version });
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

/** Returns resident memory in megabytes, now or at its highest. */
export const memoryOf = (pid: number, what: 'VmRSS' | 'VmHWM' = 'VmRSS'): number =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
