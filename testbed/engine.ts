import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { docker } from './docker';
import { startProcess } from './process';

export type Engine = {
  /** SIGKILL, as when the machine's memory runs out. Its containers go on; its port forwarders end. */
  kill(): Promise<void>;
  /** Stops a running engine as a service manager does, and starts it again on its data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts a Docker Engine beside the machine's own, its data below `dir`. DOCKER_HOST then names it for this process and
 * its children. Run it in a network namespace of its own: an engine takes the bridge and the packet filter.
 */
export async function startEngine({ dir }: { dir: string }): Promise<Engine> {
  mkdirSync(dir, { recursive: true });
  const address = `unix://${join(dir, 'docker.sock')}`;
  const start = () =>
    startProcess({
      command: 'dockerd',
      args: ['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'run'), '-p', join(dir, 'pid'), '-H', address],
      log: join(dir, 'dockerd.log'),
      within: 180_000,
      ready: () => docker(['version']),
    });
  process.env.DOCKER_HOST = address;
  let engine = await start();
  return {
    kill: () => engine.end('SIGKILL'),
    async restart() {
      await engine.stop(30_000);
      engine = await start();
    },
    stop: () => engine.stop(30_000),
  };
}
