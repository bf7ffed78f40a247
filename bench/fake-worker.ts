import { setTimeout as sleep } from 'node:timers/promises';
import { workerConfig } from '../src/worker/config';
import { startWorker } from '../src/worker/start';
import { adaptersOf } from '../test/fakes/adapters';
import { fakeProxy } from '../test/fakes/fake-proxy';
import { fakeRuntime } from '../test/fakes/fake-runtime';

/** Milliseconds as a small service takes them on a real engine. */
const takes = { create: 60, start: 250, ready: 2_000, stop: 1_000, drain: 800 };
const most = 250;

/** Runs Belay's own worker with an engine and a proxy in memory, so 100 instances need no machine. */
async function main(): Promise<void> {
  const worker = await startWorker({ config: workerConfig(process.env), adapters: memory() });
  process.stderr.write('worker: ready\n');
  await worker.run();
}

function memory() {
  const runtime = fakeRuntime();
  for (const tag of ['1', '2', '3']) runtime.publish(`shop/api:${tag}`, `sha256:${tag.repeat(64)}`);
  const startedAt = new Map<string, number>();
  const drainedAt = new Map<string, number>();
  const servers = (name: string) => Array.from({ length: most }, (_, index) => `${name}${index + 1}`);
  const proxy = fakeProxy({
    backends: { api: servers('s'), 'pair-blue': servers('b'), 'pair-green': servers('g') },
    sets: { pair: { live: 'pair-blue', idle: 'pair-green' } },
    inFlight: (address) => (Date.now() - (drainedAt.get(address) ?? 0) < takes.drain ? 1 : 0),
  });
  return {
    engine: {
      ...runtime,
      create: async (given: Parameters<typeof runtime.create>[0]) => {
        await sleep(takes.create);
        await runtime.create(given);
      },
      start: async (name: string) => {
        await sleep(takes.start);
        await runtime.start(name);
        startedAt.set(name, Date.now());
      },
      signal: async (name: string, signal: string) => {
        setTimeout(() => void runtime.signal(name, signal), takes.stop);
      },
    },
    proxyOf: adaptersOf(() => ({
      ...proxy,
      drain: async (ref) => {
        const found = (await proxy.observe(ref.backend)).find(({ server }) => server === ref.server);
        if (found?.state === 'ready') drainedAt.set(found.address, Date.now());
        await proxy.drain(ref);
      },
    })),
    probe: async (target: Parameters<typeof runtime.probe>[0]) => {
      const since = Date.now() - (startedAt.get(target.instance.name) ?? Date.now());
      return since < takes.ready ? { healthy: false as const, why: 'answered 503, not 200' } : runtime.probe(target);
    },
  };
}

void main();
