import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningProcess, startProcess } from './process';
import { fromSetup } from './root';

export type WorkerOptions = {
  /** Folder of the worker's log. */
  dir: string;
  /** Temporal's address. */
  address: string;
  /** Folder of ledger, locks and key. */
  home: string;
  /** Folder of the platform. */
  specs: string;
  /** The host's name, so that two beds on one machine do not take each other's steps. */
  host: string;
  /** The program; Belay's own worker by default. */
  program?: string[];
  env?: NodeJS.ProcessEnv;
};

let count = 0;

/** Starts a worker as a process of its own. Ready when it polls. */
export async function startWorkerProcess(options: WorkerOptions): Promise<RunningProcess & { log: string }> {
  const { dir, address, home, specs, host, program = ['dist', 'src', 'worker', 'main.js'], env } = options;
  count += 1;
  const log = join(dir, `worker-${process.pid}-${count}.log`);
  const running = await startProcess({
    command: process.execPath,
    args: [fromSetup(...program)],
    log,
    env: { TEMPORAL_ADDRESS: address, BELAY_HOME: home, BELAY_SPECS: specs, BELAY_HOST: host, ...env },
    ready: () => readFileSync(log, 'utf8').includes('worker: ready'),
    within: 90_000,
  });
  return { ...running, log };
}
