import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from '../src/run-program';
import { freePort } from './port';
import { startProcess } from './process';

export type Postgres = { port: number; stop(): Promise<void> };

/** PostgreSQL refuses to run as root. The user nobody then runs it, and owns its folder. */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;
const asNobody = ['--reuid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups', '--pdeathsig', 'keep', '--'];
const unprivileged = (command: string, args: string[]) =>
  isRoot ? { command: 'setpriv', args: [...asNobody, command, ...args] } : { command, args };

/** Starts a cluster with one user and this password, on loopback only, in a folder that others may enter. */
export async function startPostgres(options: { dir: string; user: string; password: string }): Promise<Postgres> {
  const { dir, user, password } = options;
  const data = join(dir, 'data');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'password'), password);
  if (isRoot) for (const path of [dir, join(dir, 'password')]) chownSync(path, nobody, nobody);
  await outputOf(
    unprivileged(program('initdb'), [
      ...['-D', data, '-U', user, '--no-sync', '--no-locale', '--encoding', 'UTF8'],
      ...['--auth', 'scram-sha-256', '--pwfile', join(dir, 'password')],
    ]),
  );
  return await serve(dir);
}

interface StandbyOptions {
  dir: string;
  of: Postgres;
  user: string;
  password: string;
}

/** Starts a standby of a cluster, from a copy of it. It takes no part in its changes. */
export async function startStandby({ dir, of, user, password }: StandbyOptions): Promise<Postgres> {
  mkdirSync(dir, { recursive: true });
  if (isRoot) chownSync(dir, nobody, nobody);
  const from = ['-h', '127.0.0.1', '-p', String(of.port), '-U', user, '-D', join(dir, 'data')];
  const { command, args } = unprivileged(program('pg_basebackup'), [...from, '--checkpoint=fast', '--no-sync', '-R']);
  await outputOf({ command, args, env: { ...process.env, PGPASSWORD: password } });
  return await serve(dir);
}

async function serve(dir: string): Promise<Postgres> {
  const data = join(dir, 'data');
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-k', dir];
  const running = await startProcess({
    ...unprivileged(program('postgres'), ['-D', data, '-p', String(port), ...settings]),
    log: join(dir, 'postgres.log'),
    ready: () => outputOf({ command: program('pg_isready'), args: ['-h', '127.0.0.1', '-p', String(port)] }),
  });
  // SIGINT stops it fast, and ends its sessions.
  return { port, stop: () => running.end('SIGINT') };
}

/** Debian keeps its programs outside of the PATH, by version. */
function program(name: string): string {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(base, version, 'bin', name)).find((path) => existsSync(path)) ?? name;
}
