import type { Worker } from '@temporalio/worker';

type Runs = Pick<Worker, 'run' | 'getState' | 'shutdown'>;

/** Runs workers until all have ended; one that fails ends the others too. Throws the first failure. */
export async function runTogether(workers: Runs[]): Promise<void> {
  const all = await Promise.allSettled(workers.map((worker) => worker.run().finally(() => stopAll(workers))));
  const failed = all.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Activities finish, or are handed over. */
export function stopAll(workers: Runs[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}
