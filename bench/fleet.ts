import { loadOn, measureRelease, measureRollback, type ReleaseFigures, releaseOf, reportFailures } from './release';
import { onStage, type Stage } from './stage';
import { timelineOf } from './timeline';

/** Figures of one release under load, and of its rollbacks; times in milliseconds. */
export interface FleetFigures extends ReleaseFigures {
  instances: number;
  /** Time from the signal, with everything in traffic and nothing recorded, to the end of the rollback. */
  rollback: number;
  rollbackFailed: number;
  /** Blue-green: time from the rollback's order, with a warm set, to the first old answer after the last new one. */
  warmRollback?: number;
  warmFailed?: number;
  /** Start and end of each of its steps, counted from the order. */
  warmSteps?: Record<string, [began: number, done: number]>;
}

export interface FleetOptions {
  strategy: 'rolling' | 'blue-green' | 'canary';
  instances: number;
  /** Most instances that may be starting at once; waits for that are no part of the critical path. */
  starts: number;
}

/** Requests each second. The benchmark measures the release, not two busy processors. */
const rate = 100;

/** Measures one service, released by a strategy with real parts. */
export const measureFleet = (options: FleetOptions): Promise<FleetFigures> => {
  const { strategy, instances, starts } = options;
  return onStage(
    {
      versions: ['1', '2'].map((tag) => ({ tag, env: { SHUTDOWN_MS: '1000' } })),
      haproxy: { backends: [{ name: 'api', slots: 2 * instances, sets: strategy === 'blue-green' }] },
      platform: {
        name: 'belay-fleet',
        instances,
        service: serviceOf(options, '0s'),
        spec: { hosts: { local: { ports: '20200-20399', starts } } },
      },
    },
    (stage) => measure(stage, options),
  );
};

async function measure(stage: Stage, options: FleetOptions): Promise<FleetFigures> {
  await (await releaseOf({ ...stage, version: '1' })).result();
  const forward = await measureRelease({ ...stage, version: '2', rate });
  const back = await measureRollback({ ...stage, version: '1', rate });
  const figures = { instances: options.instances, ...forward, rollback: back.wall, rollbackFailed: back.failed };
  if (options.strategy !== 'blue-green') return figures;
  stage.platform.write({ service: serviceOf(options, '10m') });
  return { ...figures, ...(await measureWarm(stage)) };
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

/** Measures a release to version 1 with a warm old set, and one switch back to version 2. */
async function measureWarm(stage: Stage) {
  const { bed, platform } = stage;
  await (await releaseOf({ ...stage, version: '1' })).result();
  const load = await loadOn({ bed, rate });
  const order = watchOrder(bed.haproxy.url('api'));
  const began = Date.now();
  const handle = await platform.belay.rollback({ platform: platform.name });
  await handle.result();
  const changes = await order.stop();
  if (changes.map(({ version }) => version).join() !== '1,2')
    throw new Error(`versions came in the order ${changes.map(({ version }) => version).join()}`);
  const times = await timelineOf(platform.client, handle);
  return {
    warmRollback: changes.at(-1)!.at - began,
    warmFailed: reportFailures(await load.stop()).failed,
    warmSteps: Object.fromEntries(
      times.map(({ step, started, ended }): [string, [number, number]] => [step.id, [started - began, ended - began]]),
    ),
  };
}

/** Sends one request after the other, and notes each change of the answering version. */
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
