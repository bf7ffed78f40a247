import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { type Belay, connectBelay } from '../src/client';
import { startTemporal } from '../testbed';
import { startWorkerProcess } from '../testbed/worker';
import { turnBackLate } from './release';
import { type Shape, shapeOf, timelineOf } from './timeline';
import { memoryOf } from './worker-restart';

/** Figures of one release; sizes in bytes, times in milliseconds. */
export interface HundredFigures extends Shape {
  outcome: string;
  wall: number;
  steps: number;
  events: number;
  /** Number of progress signals from steps. */
  progress: number;
  history: number;
  /** The largest payload in the history, and its event. */
  payload: number;
  payloadOf: string;
  /** Size of the answer to the status query, packed as it travels. */
  status: number;
  /** The worker's resident memory before the release and at its highest, in megabytes. */
  memoryBefore: number;
  memory: number;
}

export interface HundredOptions {
  strategy: 'rolling' | 'blue-green';
  instances: number;
  starts: number;
  /** Roll back once everything is in traffic. */
  back?: boolean;
}

const strategies = {
  rolling: { strategy: { kind: 'rolling', surge: 10 }, routes: [{ proxy: 'edge', backend: 'api', port: 8080 }] },
  'blue-green': {
    strategy: { kind: 'blue-green', warm: '0s' },
    routes: [{ proxy: 'edge', backend: 'pair', port: 8080 }],
  },
};

/** Measures a real Temporal and a real worker, with an engine and a proxy in memory. */
export async function measureHundred(options: HundredOptions): Promise<HundredFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-hundred-'));
  const temporal = await startTemporal({ dir: join(dir, 'temporal') });
  const connection = await Connection.connect({ address: temporal.address });
  const home = join(dir, 'home');
  mkdirSync(home);
  writeFileSync(join(dir, 'belay.yaml'), stringify(specOf(options)));
  const place = { dir, address: temporal.address, home, specs: dir, host: 'host-hundred' };
  const worker = await startWorkerProcess({ ...place, program: ['dist', 'bench', 'fake-worker.js'] });
  try {
    const client = new Client({ connection });
    const belay = await connectBelay(client);
    await (await belay.release({ platform: 'hundred', versions: { api: '1' } })).result();
    return await measure({ belay, client, pid: worker.pid, back: options.back ?? false });
  } finally {
    await worker.stop();
    await connection.close();
    await temporal.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const specOf = ({ strategy, instances, starts }: HundredOptions): object => ({
  platform: 'hundred',
  hosts: { local: { ports: '19000-19499', starts } },
  proxies: { edge: { kind: 'haproxy', socket: '/none/haproxy.sock', config: '/none/haproxy.cfg' } },
  services: {
    api: {
      image: 'shop/api:1',
      instances,
      ...strategies[strategy],
      health: { ready: { http: '/ready', every: '500ms', healthy: 2, within: '60s' } },
      drain: { deadline: '30s' },
      stop: { grace: '30s' },
    },
  },
});

interface Stage {
  belay: Belay;
  client: Client;
  pid: number;
  back: boolean;
}

async function measure({ belay, client, pid, back }: Stage): Promise<HundredFigures> {
  const memoryBefore = memoryOf(pid);
  const began = Date.now();
  const handle = await belay.release({ platform: 'hundred', versions: { api: '2' } });
  // Each look costs the worker a plan of hundreds of steps, so looks are rare.
  if (back) await turnBackLate(handle, { every: 500 });
  const { outcome } = await handle.result();
  const wall = Date.now() - began;
  const times = await timelineOf(client, handle);
  const { plan } = await handle.status();
  return {
    outcome,
    wall,
    ...shapeOf(times),
    steps: plan!.steps.length,
    ...(await historyOf(client, handle.workflowId)),
    memoryBefore,
    memory: memoryOf(pid, 'VmHWM'),
  };
}

async function historyOf(client: Client, workflowId: string) {
  const handle = client.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  const { raw, historyLength } = await handle.describe();
  const payloads = (events ?? []).flatMap((event) => sizes(event).map((size) => ({ size, event: kindOf(event) })));
  const largest = payloads.reduce((a, b) => (b.size > a.size ? b : a));
  return {
    events: historyLength,
    progress: (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length,
    history: Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0),
    payload: largest.size,
    payloadOf: largest.event,
    status: JSON.stringify(await handle.query('status')).length,
  };
}

/** Returns the sizes of all payloads in an event: objects with metadata and data. */
function sizes(value: unknown): number[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { metadata, data } = value as { metadata?: unknown; data?: unknown };
  if (metadata && data instanceof Uint8Array) return [data.length];
  return Object.values(value).flatMap(sizes);
}

const kindOf = (event: object): string =>
  (Object.entries(event).find(([name, value]) => value && name.endsWith('EventAttributes'))?.[0] ?? '?').replace(
    'EventAttributes',
    '',
  );
