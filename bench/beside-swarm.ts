import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { type Bed, startBed } from '../testbed';
import { createPlatform } from '../testbed/platform';
import { measureRelease, measureRollback, releaseOf } from './release';
import { measureSwarm } from './swarm';
import { measureRestart, memoryOf } from './worker-restart';

const every = '500ms';
const quiet = 3_000;
const healthcheck = `HEALTHCHECK --interval=${every} --timeout=2s --retries=3 CMD ["node", "-e", "require('http').get('http://127.0.0.1:8080/ready', (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]`;
const env = { SHUTDOWN_MS: '3000' };
const versions = ['1', '2'].map((tag) => ({ tag, env, lines: [healthcheck] }));

/**
 * Measures Belay's rolling release beside Swarm's in one run. Images (3 s of shutdown work), instances, load and
 * readiness checks (every 500 ms) are the same.
 */
export async function measureBesideSwarm(): Promise<SwarmComparison> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  const bed = await startBed({ dir, name: 'belay-bench', versions });
  try {
    const belay = await measureBelay(bed);
    say('Swarm');
    const swarm = await measureSwarm({ from: bed.images['1']!, to: bed.images['2']!, quiet });
    return { ...belay, swarm };
  } finally {
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measureBelay(bed: Bed) {
  const health = { ready: { http: '/ready', every, healthy: 1, within: '30s' } };
  const service = (surge: number) => ({ health, strategy: { kind: 'rolling', surge }, stop: { grace: '10s' } });
  const platform = await createPlatform({ bed, name: 'belay-bench', service: service(1) });
  let worker = await platform.startWorker();
  try {
    say('Belay: surge 1');
    await (await releaseOf({ bed, platform, version: '1' })).result();
    const surge1 = await measureRelease({ bed, platform, version: '2' });
    const rollback1 = await measureRollback({ bed, platform, version: '1' });
    platform.write({ service: service(3) });
    say('Belay: surge 3');
    const surge3 = await measureRelease({ bed, platform, version: '1' });
    const rollback3 = await measureRollback({ bed, platform, version: '2' });
    const memory = memoryOf(worker.pid);
    say('Belay: the worker killed and started again');
    const restart = await measureRestart({ bed, platform }, { worker, version: '2' });
    worker = restart.worker as typeof worker;
    return {
      surge1: { ...surge1, rollback: rollback1 },
      surge3: { ...surge3, rollback: rollback3 },
      memory,
      restart: restart.toNextStep,
    };
  } finally {
    await worker.stop();
    await platform.remove();
  }
}

const say = (what: string): void => void process.stderr.write(`bench: ${what}\n`);

export type SwarmComparison = Awaited<ReturnType<typeof measureBelay>> & {
  swarm: Awaited<ReturnType<typeof measureSwarm>>;
};

export function besideSwarmTable(figures: SwarmComparison): string {
  const { surge1, surge3, swarm, memory, restart } = figures;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const milliseconds = (ms: number) => `${ms.toFixed(1)} ms`;
  const table = new Table({ head: ['', 'Belay, surge 1', 'Belay, surge 3', 'Swarm, start-first'] });
  table.push(
    ['wall time', seconds(surge1.wall), seconds(surge3.wall), seconds(swarm.wall)],
    [
      'failed requests',
      `${surge1.failed} of ${surge1.requests}`,
      `${surge3.failed} of ${surge3.requests}`,
      `${swarm.failed} of ${swarm.requests}`,
    ],
    [
      'p99 before / during',
      ...[surge1, surge3, swarm].map((one) => `${milliseconds(one.p99Before)} / ${milliseconds(one.p99During)}`),
    ],
    ['wall over critical path', surge1.overCriticalPath.toFixed(3), surge3.overCriticalPath.toFixed(3), ''],
    [
      'rollback',
      `${seconds(surge1.rollback.wall)}, ${surge1.rollback.failed} failed`,
      `${seconds(surge3.rollback.wall)}, ${surge3.rollback.failed} failed`,
      seconds(swarm.rollback),
    ],
    ['overhead per step, median', milliseconds(surge1.overheadMedian), milliseconds(surge3.overheadMedian), ''],
  );
  const lines = [
    table.toString(),
    `worker: next step ${seconds(restart)} after its restart, ${memory.toFixed(0)} MB resident`,
  ];
  return lines.join('\n');
}
