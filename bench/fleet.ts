import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReleaseHandle } from '../src/client';
import type { StrategyKind } from '../src/spec/desired';
import type { Step } from '../src/spec/plan';
import type { ReleaseStatus } from '../src/spec/status';
import { type Bed, type LoadResult, startBed, startLoad, waitFor } from '../testbed';
import { createPlatform, type Platform, removeContainers } from '../testbed/platform';
import { type Shape, shapeOf, timelineOf } from './timeline';

/** Of one release under load, and of the ways back; times in milliseconds. */
export interface FleetFigures extends Shape {
  instances: number;
  wall: number;
  failed: number;
  requests: number;
  p99Before: number;
  p99During: number;
  /** From the signal, once everything is in traffic and nothing is recorded, to the end of the way back. */
  rollback: number;
  rollbackFailed: number;
  /** Of blue-green: from the order to go back, while the old set is warm, to the first answer of an old one and none of a new one since. */
  warmRollback?: number;
  warmFailed?: number;
  /** When each of its steps was begun and done, since the order. */
  warmSteps?: Record<string, [began: number, done: number]>;
}

export interface FleetOptions {
  strategy: Exclude<StrategyKind, 'recreate'>;
  instances: number;
  /** How many may be starting at once; what waits for that is no part of the critical path. */
  starts: number;
}

const name = 'belay-fleet';
const quiet = 2_000;
/** Requests each second: what is measured is the release, not two busy processors. */
const rate = 100;
const shutdown = '1000';

/** One service, released by a strategy with everything real. */
export async function measureFleet(options: FleetOptions): Promise<FleetFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-fleet-'));
  await removeContainers(name);
  const bed = await startBed({
    dir,
    name,
    versions: ['1', '2'].map((tag) => ({ tag, env: { SHUTDOWN_MS: shutdown } })),
    haproxy: {
      backends: [{ name: 'api', slots: 2 * options.instances, sets: options.strategy === 'blue-green' }],
    },
  });
  const { strategy, instances, starts } = options;
  const platform = await createPlatform({ bed, name, instances, firstPort: 20200, service: serviceOf(options, '0s') });
  platform.write({ service: serviceOf(options, '0s'), spec: { hosts: { local: { ports: '20200-20399', starts } } } });
  const worker = await platform.startWorker();
  try {
    const stage = { bed, platform };
    await (await release(platform, '1')).result();
    const forward = await measureRelease(stage);
    const back = await measureRollback(stage);
    if (strategy !== 'blue-green') return { instances, ...forward, ...back };
    platform.write({
      service: serviceOf(options, '10m'),
      spec: { hosts: { local: { ports: '20200-20399', starts } } },
    });
    return { instances, ...forward, ...back, ...(await measureWarm(stage)) };
  } finally {
    await worker.stop();
    await platform.remove();
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

function serviceOf({ strategy, instances }: FleetOptions, warm: string): Record<string, unknown> {
  const strategies = {
    rolling: { kind: 'rolling', surge: Math.max(1, Math.round(instances / 5)) },
    'blue-green': { kind: 'blue-green', warm },
    canary: {
      kind: 'canary',
      steps: [
        { weight: 10, soak: '1s' },
        { weight: 40, soak: '1s' },
      ],
    },
  };
  return {
    strategy: strategies[strategy],
    health: { ready: { http: '/ready', every: '250ms', healthy: 2, within: '60s' } },
  };
}

interface Stage {
  bed: Bed;
  platform: Platform;
}

const release = (platform: Platform, version: string): Promise<ReleaseHandle> =>
  platform.belay.release({ platform: platform.name, versions: { api: version } });

async function measureRelease({ bed, platform }: Stage) {
  const load = await startLoad({ url: bed.haproxy.url('api'), ratePerSecond: rate });
  await new Promise((resolve) => setTimeout(resolve, quiet));
  await load.mark('during');
  const began = Date.now();
  const handle = await release(platform, '2');
  await handle.result();
  const wall = Date.now() - began;
  const { failed, requests, phases } = told(await load.stop());
  const times = await timelineOf(platform.client, handle);
  return {
    wall,
    ...shapeOf(times),
    failed,
    requests,
    p99Before: phases.start?.p99 ?? Number.NaN,
    p99During: phases.during?.p99 ?? Number.NaN,
  };
}

/** Back from version 1 to 2, when only drains and stops are left. */
async function measureRollback({ bed, platform }: Stage) {
  const load = await startLoad({ url: bed.haproxy.url('api'), ratePerSecond: rate });
  const handle = await release(platform, '1');
  await untilInTraffic(handle);
  const began = Date.now();
  await handle.say('rollback', { by: 'bench' });
  const { outcome } = await handle.result();
  if (outcome !== 'rolled-back') throw new Error(`the way back came too late: ${outcome}`);
  return { rollback: Date.now() - began, rollbackFailed: told(await load.stop()).failed };
}

/** Every new instance takes traffic; the last old one has not ended. */
export const untilInTraffic = (handle: ReleaseHandle): Promise<void> =>
  waitFor({
    what: 'the last step into traffic',
    within: 200_000,
    every: 25,
    until: async () => {
      const status = await handle.status();
      if (status.outcome) throw new Error(`it has ended: ${status.outcome}`);
      const entering = (status.plan?.steps ?? []).filter(isEntering);
      return entering.length > 0 && entering.every(({ id }) => isDone(status, id));
    },
  });

const isEntering = ({ kind }: Step): boolean => kind === 'swap' || kind === 'switch';
const isDone = ({ steps }: ReleaseStatus, id: string): boolean => steps[id]?.state === 'done';

/** Forward to version 1 with the old set kept warm, and back to 2 by one switch. */
async function measureWarm({ bed, platform }: Stage) {
  await (await release(platform, '1')).result();
  const url = bed.haproxy.url('api');
  const load = await startLoad({ url, ratePerSecond: rate });
  const order = watchOrder(url);
  const began = Date.now();
  const handle = await platform.belay.rollback({ platform: platform.name });
  await handle.result();
  const changes = await order.stop();
  if (changes.map(({ version }) => version).join() !== '1,2')
    throw new Error(`versions came in the order ${changes.map(({ version }) => version).join()}`);
  const times = await timelineOf(platform.client, handle);
  return {
    warmRollback: changes.at(-1)!.at - began,
    warmFailed: told(await load.stop()).failed,
    warmSteps: Object.fromEntries(
      times.map(({ step, started, ended }): [string, [number, number]] => [step.id, [started - began, ended - began]]),
    ),
  };
}

/** One request after the other: each change of the version that answers, and when. */
function watchOrder(url: string) {
  const changes: Array<{ version: string; at: number }> = [];
  let over = false;
  const asking = (async () => {
    while (!over) {
      const answer = await fetch(`${url}/api/ping`, { headers: { connection: 'close' } });
      const { version } = (await answer.json()) as { version: string };
      if (changes.at(-1)?.version !== version) changes.push({ version, at: Date.now() });
    }
  })();
  return {
    async stop() {
      over = true;
      await asking;
      return changes;
    },
  };
}

function told(result: LoadResult): LoadResult {
  for (const failure of result.failures) process.stderr.write(`bench: lost: ${failure}\n`);
  return result;
}
