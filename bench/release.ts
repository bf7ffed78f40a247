import type { ReleaseHandle } from '../src/client';
import type { Step } from '../src/model/plan';
import type { ReleaseStatus } from '../src/model/status';
import { type LoadOptions, type LoadResult, startLoad, waitFor } from '../testbed';
import type { Stage } from './stage';
import { type Shape, shapeOf, timelineOf } from './timeline';

/** Figures of a release of the service `api` under load; times in milliseconds. */
export interface ReleaseFigures extends Shape {
  wall: number;
  failed: number;
  requests: number;
  p99Before: number;
  p99During: number;
}

export interface Under extends Stage {
  version: string;
  /** Requests each second; absent: as many as eight clients can send. */
  rate?: LoadOptions['ratePerSecond'];
}

/** Milliseconds before the release, enough for a p99 of its own. */
const quiet = 3_000;

export async function measureRelease(under: Under): Promise<ReleaseFigures> {
  const load = await loadOn(under);
  await new Promise((resolve) => setTimeout(resolve, quiet));
  await load.mark('during');
  const began = Date.now();
  const handle = await releaseOf(under);
  await handle.result();
  const wall = Date.now() - began;
  const { failed, requests, phases } = reportFailures(await load.stop());
  return {
    wall,
    ...shapeOf(await timelineOf(under.platform.client, handle)),
    failed,
    requests,
    p99Before: phases.start?.p99 ?? Number.NaN,
    p99During: phases.during?.p99 ?? Number.NaN,
  };
}

/** Measures a rollback from a release of that version, begun when only drains and stops are left. */
export async function measureRollback(under: Under): Promise<{ wall: number; failed: number }> {
  const load = await loadOn(under);
  const wall = await turnBackLate(await releaseOf(under));
  return { wall, failed: reportFailures(await load.stop()).failed };
}

export const releaseOf = ({ platform, version }: Under): Promise<ReleaseHandle> =>
  platform.belay.release({ platform: platform.name, versions: { api: version } });

export const loadOn = ({ bed, rate }: Pick<Under, 'bed' | 'rate'>) =>
  startLoad({ url: bed.haproxy.url('api'), ratePerSecond: rate });

/** Sends a rollback once everything is in traffic and nothing is recorded. Returns the milliseconds until its end. */
export async function turnBackLate(handle: ReleaseHandle, { every = 25 } = {}): Promise<number> {
  await untilInTraffic(handle, every);
  const began = Date.now();
  await handle.say('rollback', { by: 'bench' });
  const { outcome } = await handle.result();
  if (outcome !== 'rolled-back') throw new Error(`the way back came too late: ${outcome}`);
  return Date.now() - began;
}

/** Waits until every new instance takes traffic, while the last old one still runs. */
const untilInTraffic = (handle: ReleaseHandle, every: number): Promise<void> =>
  waitFor({
    what: 'the last step into traffic',
    within: 300_000,
    every,
    until: async () => {
      const status = await handle.status();
      if (status.outcome) throw new Error(`it has ended: ${status.outcome}`);
      const entering = (status.plan?.steps ?? []).filter(isEntering);
      return entering.length > 0 && entering.every(({ id }) => isDone(status, id));
    },
  });

const isEntering = ({ kind }: Step): boolean => kind === 'swap' || kind === 'switch';
const isDone = ({ steps }: ReleaseStatus, id: string): boolean => steps[id]?.state === 'done';

/** Prints failed requests where people see them, and returns the result. */
export function reportFailures(result: LoadResult): LoadResult {
  for (const failure of result.failures) process.stderr.write(`bench: lost: ${failure}\n`);
  return result;
}
