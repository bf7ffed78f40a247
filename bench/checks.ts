import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { probe } from '../src/probes';
import type { RuntimeInstance } from '../src/runtimes/runtime';
import { serversOf } from '../test/e2e/servers';
import { waitFor } from '../testbed';
import type { Goal } from './goals';
import { onStage, type Stage } from './stage';

export interface CheckFigures {
  instances: number;
  seconds: number;
  /** Checks that found an instance healthy. */
  healthy: number;
  /** Processor time of the checking process, in percent of one core. */
  cpu: number;
  /** Resident memory that the checks added, in megabytes. */
  memory: number;
  /** Milliseconds from an instance's turning bad to its last new request, for each trial. */
  out: number[];
  /** Milliseconds between two checks of liveness there. */
  every: number;
}

const instances = 200;
const seconds = 15;
const every = 1_000;
const trials = 5;

export async function measureChecks(): Promise<CheckFigures> {
  const asked = await measureMany();
  const out = await onStage(
    { versions: [{ tag: '1' }, { tag: '2' }], platform: { name: 'benchlive', instances: 2, firstPort: 21_800 } },
    measureOut,
  );
  return { instances, seconds, ...asked, out, every };
}

/** Asks each of 200 instances once a second, by the checks of a worker. */
async function measureMany(): Promise<Pick<CheckFigures, 'healthy' | 'cpu' | 'memory'>> {
  const child = fork(join(__dirname, 'many-servers.js'), [String(instances)], { execArgv: [] });
  try {
    const [ports] = (await once(child, 'message')) as [number[]];
    const check = { http: '/ready', port: 80, status: 200, json: { ready: true }, timeout: 2_000, every, healthy: 1 };
    const all = ports.map((port) => ({ state: 'running', ports: { 80: port } }) as unknown as RuntimeInstance);
    const before = process.memoryUsage().rss;
    const began = process.cpuUsage();
    let healthy = 0;
    for (let round = 0; round < seconds; round++) {
      const next = wait(every);
      const results = await Promise.all(
        all.map((instance) => probe({ instance, check: { ...check, within: 0, grace: 0 } })),
      );
      healthy += results.filter((one) => one.healthy).length;
      await next;
    }
    const { user, system } = process.cpuUsage(began);
    const memory = (process.memoryUsage().rss - before) / 1e6;
    return { healthy, cpu: (user + system) / 1e4 / seconds, memory };
  } finally {
    child.kill();
  }
}

/** Lets a new instance turn bad while a release waits at its gate, and waits until its server takes no more requests. */
async function measureOut({ bed, platform }: Stage): Promise<number[]> {
  const ready = { http: '/ready', every: '100ms', healthy: 1 };
  const live = { http: '/live', every: `${every}ms`, failures: 1 };
  platform.write({ service: { health: { ready } } });
  await (await platform.belay.release({ platform: platform.name, versions: { api: '1' } })).result();
  platform.write({ service: { health: { ready, live }, strategy: { kind: 'rolling', pause_after: 1 } } });
  const times: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const handle = await platform.belay.release({ platform: platform.name, versions: { api: '2' } });
    const isWaiting = async () => (await handle.status()).waiting.some(({ kind }) => kind === 'approval');
    await waitFor({ what: 'the gate', until: isWaiting, within: 60_000 });
    const address = await newest(bed);
    const began = Date.now();
    await fetch(`http://${address}/ill`, { method: 'POST', headers: { connection: 'close' } });
    const isOut = async () => (await serversOf(bed.haproxy)).find((one) => one.address === address)?.state !== 'ready';
    await waitFor({ what: 'out of traffic', every: 10, until: isOut, within: 30_000 });
    times.push(Date.now() - began);
    await handle.result();
  }
  return times;
}

/** Returns the address of the server that answers as version 2. */
async function newest(bed: Stage['bed']): Promise<string> {
  for (const { address, state } of await serversOf(bed.haproxy)) {
    if (state !== 'ready') continue;
    const answer = await fetch(`http://${address}/api/ping`, { headers: { connection: 'close' } });
    if (((await answer.json()) as { version: string }).version === '2') return address;
  }
  throw new Error('no server leads to version 2');
}

export const checkGoals = ({
  instances: count,
  seconds: time,
  healthy,
  out,
  every: interval,
}: CheckFigures): Goal[] => [
  { what: `checks of ${count} instances a second that were not made in time`, is: count * time - healthy, most: 0 },
  {
    what: 'from bad to out of traffic, at most',
    is: Math.max(...out) / 1000,
    most: (interval + 1_000) / 1000,
    unit: ' s',
  },
];
