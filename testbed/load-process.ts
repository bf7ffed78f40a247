// The process that startLoad() forks: clients in a closed loop, and their counts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadOptions, LoadReport, LoadResult } from './load-messages';
import { createClient } from './load-request';
import { createSegment, type Segment } from './load-segment';

const MAX_FAILURES_TOLD = 20;
const total = createSegment();
const phases = new Map<string, Segment>();
const failures: string[] = [];
const startedAt = Date.now();
let phase = 'start';
let running = true;
let clients: Promise<void>[] = [];

const verbs: Record<string, (argument: never) => unknown> = {
  async start(options: LoadOptions) {
    const { clients: count = 8, maxSeconds = 600 } = options;
    setTimeout(() => process.exit(4), maxSeconds * 1000 + 15_000).unref();
    setTimeout(halt, maxSeconds * 1000).unref();
    clients = Array.from({ length: count }, () => loop(options, count));
    while (total.read().requests === 0) await sleep(5);
  },
  mark(name: string) {
    phase = name;
  },
  snapshot: () => report(),
  async stop(): Promise<LoadResult> {
    halt();
    await Promise.all(clients);
    return { ...report(), failures };
  },
};

// Ctrl-C reaches every process of the terminal; the parent stops this one.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', async (message) => {
  const { id, verb, argument } = message as { id: number; verb: string; argument: never };
  process.send?.({ id, value: await verbs[verb]!(argument) });
});

async function loop(options: LoadOptions, count: number): Promise<void> {
  const send = createClient(options);
  const interval = options.ratePerSecond ? (1000 * count) / options.ratePerSecond : 0;
  if (interval) await sleep(Math.random() * interval);
  while (running) {
    const began = performance.now();
    await one(send, began);
    const pause = began + interval - performance.now();
    if (interval && pause > 0) await sleep(pause);
  }
}

// A request belongs to the phase in which it was sent.
async function one(send: () => Promise<string>, began: number): Promise<void> {
  const segments = [total, segmentOf(phase)];
  const sentIn = phase;
  try {
    const version = await send();
    for (const segment of segments) segment.answered(version, performance.now() - began);
  } catch (error) {
    for (const segment of segments) segment.failed(performance.now() - began);
    tell(`${((Date.now() - startedAt) / 1000).toFixed(2)} s, ${sentIn}: ${(error as Error).message}`);
    await sleep(1); // A server that refuses at once must not turn the loop into a spin.
  }
}

function segmentOf(name: string): Segment {
  const segment = phases.get(name) ?? createSegment();
  phases.set(name, segment);
  return segment;
}

function tell(failure: string): void {
  if (failures.length < MAX_FAILURES_TOLD) failures.push(failure);
}

function report(): LoadReport {
  const byPhase = Object.fromEntries([...phases].map(([name, segment]) => [name, segment.read()]));
  return { ...total.read(), seconds: (Date.now() - startedAt) / 1000, phases: byPhase };
}

function halt(): void {
  running = false;
}
