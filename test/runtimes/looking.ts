import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { waitFor } from '../../testbed/wait';

const program = `
const { workerData: { paths, counts } } = require('node:worker_threads');
const { accessSync } = require('node:fs');
while (Atomics.load(counts, 2) === 0) {
  for (const path of paths) try { accessSync(path); } catch { Atomics.add(counts, 1, 1); }
  Atomics.add(counts, 0, 1);
}`;

/** Looks for files all the time, in a thread of its own, and counts how often one is not there. */
export async function startLooking(paths: string[]) {
  const counts = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(program, { eval: true, workerData: { paths, counts } });
  await waitFor({ what: 'the first look', until: () => Atomics.load(counts, 0) > 0 });
  return {
    async stop(): Promise<{ misses: number }> {
      const ended = once(worker, 'exit');
      Atomics.store(counts, 2, 1);
      await ended;
      return { misses: Atomics.load(counts, 1) };
    },
  };
}
