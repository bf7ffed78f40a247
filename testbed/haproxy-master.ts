import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, workersOf } from './haproxy-socket';
import { accepts } from './port';
import { type RunningProcess, startProcess } from './process';
import { waitFor } from './wait';

export type HaproxyMaster = {
  pid: number;
  reload(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
};

type Start = { dir: string; configPath: string; socketPath: string; masterSocket: string; ports: number[] };

/** Starts master and worker. Ready when both sockets answer and each frontend accepts. */
export async function startMaster({ dir, configPath, socketPath, masterSocket, ports }: Start): Promise<HaproxyMaster> {
  const master = await startProcess({
    command: 'haproxy',
    args: ['-W', '-S', `${masterSocket},mode,600`, '-f', configPath],
    log: join(dir, 'haproxy.log'),
    ready: async () =>
      (await ask(socketPath, 'show info')) &&
      (await workersOf(masterSocket)).current.length > 0 &&
      (await Promise.all(ports.map(accepts))).every(Boolean),
  });
  return {
    pid: master.pid,
    reload: () => reload(master, masterSocket),
    kill: () => kill(master, masterSocket),
    stop: () => master.stop(),
  };
}

/**
 * The master's socket refuses for a moment while the master restarts itself. A faulty configuration leaves no worker.
 */
async function reload(master: RunningProcess, masterSocket: string): Promise<void> {
  const [before] = (await workersOf(masterSocket)).current;
  await ask(masterSocket, 'reload');
  await master.waitFor({
    what: 'a new worker after the reload (is the configuration valid? see haproxy.log)',
    until: async () => (await workersOf(masterSocket)).current.some((pid) => pid !== before),
  });
}

async function kill(master: RunningProcess, masterSocket: string): Promise<void> {
  if (!master.isAlive()) return;
  const { current, old } = await workersOf(masterSocket);
  await master.end('SIGKILL');
  for (const pid of [...current, ...old]) await killWorker(pid);
}

// A worker ends by itself without its master. Poll its end, because the worker is no child of this process.
async function killWorker(pid: number): Promise<void> {
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  await waitFor({ what: `worker ${pid} ending`, until: () => !isRunning(pid), every: 5 });
}

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(haproxy\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
