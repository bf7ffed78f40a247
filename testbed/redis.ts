import { join } from 'node:path';
import { accepts, freePort } from './port';
import { startProcess } from './process';

export type Redis = { port: number; stop(): Promise<void> };

/** A Redis that keeps nothing, with a password and a user of its own beside the default one; only on loopback. */
export async function startRedis(options: {
  dir: string;
  password: string;
  user: { name: string; password: string };
}): Promise<Redis> {
  const { dir, password, user } = options;
  const port = await freePort();
  const running = await startProcess({
    command: 'redis-server',
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      ...['--requirepass', password, '--user', user.name, 'on', `>${user.password}`, '+ping', '+select'],
    ],
    cwd: dir,
    log: join(dir, 'redis.log'),
    ready: () => accepts(port),
  });
  return { port, stop: () => running.stop() };
}
