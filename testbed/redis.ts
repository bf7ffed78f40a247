import { join } from 'node:path';
import { accepts, freePort } from './port';
import { startProcess } from './process';

export type Redis = { port: number; stop(): Promise<void> };

/** Starts a Redis without persistence, with a password and a second user, on loopback only. */
export async function startRedis(options: {
  dir: string;
  password: string;
  user: { name: string; password: string };
  /** Port of its master on this machine, which has the same password. */
  master?: number;
}): Promise<Redis> {
  const { dir, password, user, master } = options;
  const port = await freePort();
  const running = await startProcess({
    command: 'redis-server',
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      // Without the delay, a replica gets its data at once.
      ...['--repl-diskless-sync-delay', '0'],
      ...['--requirepass', password, '--user', user.name, 'on', `>${user.password}`, '+ping', '+select'],
      ...(master ? ['--replicaof', '127.0.0.1', String(master), '--masterauth', password] : []),
    ],
    cwd: dir,
    log: join(dir, 'redis.log'),
    ready: () => accepts(port),
  });
  return { port, stop: () => running.stop() };
}
