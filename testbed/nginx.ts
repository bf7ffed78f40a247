import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from '../src/run-program';
import { type NginxLines, type NginxVersion, nginxConfig } from './nginx-config';
import { accepts, freePort } from './port';
import { type RunningProcess, startProcess } from './process';
import { fromSetup } from './root';
import { waitFor } from './wait';

export type { NginxVersion } from './nginx-config';

export type NginxOptions = {
  dir: string;
  version: NginxVersion;
  /** Names of the backends; each has an upstream block and a server of its own. */
  backends?: string[];
  /** How long clients may keep a connection; by default 300 ms, and no time at all where nginx closes idle ones. */
  keepAlive?: string;
  options?: NginxLines;
};

export type Nginx = {
  configPath: string;
  /** Folder of the lists of servers. */
  folder: string;
  errorLog: string;
  /** The proxy as belay.yaml names it. */
  spec: { kind: 'nginx'; config: string; test: string[]; reload: string[]; pid: string };
  pid(): number;
  url(backend: string): string;
  /** Process ids of the master's children. */
  children(): number[];
  reload(): Promise<void>;
  /** SIGKILL of the master and of every worker. */
  kill(): Promise<void>;
  /** SIGKILL of the master alone: its workers go on, until the function that it returns ends them. */
  killMaster(): Promise<() => Promise<void>>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts an nginx with one server on loopback for each backend, and nobody behind it. */
export async function startNginx({
  dir,
  version,
  backends = ['api'],
  keepAlive = version === 'current' ? '300ms' : '0',
  options,
}: NginxOptions): Promise<Nginx> {
  const folder = join(dir, 'belay');
  mkdirSync(folder, { recursive: true });
  const paths = {
    pidPath: join(dir, 'nginx.pid'),
    configPath: join(dir, 'nginx.conf'),
    errorLog: join(dir, 'error.log'),
  };
  const program = version === 'debian' ? 'nginx' : fromSetup('.tools', 'bin', 'nginx-current');
  const fronts = await Promise.all(backends.map(async (name) => ({ name, port: await freePort() })));
  for (const { name } of fronts) writeFileSync(join(folder, `${name}.servers`), 'server 127.0.0.1:1 down;\n');
  writeFileSync(
    paths.configPath,
    nginxConfig({ version, dir, folder, backends: fronts, keepAlive, options, ...paths }),
  );
  const own = [program, '-p', dir, '-c', paths.configPath];
  const spec = {
    kind: 'nginx' as const,
    config: folder,
    test: [...own, '-T'],
    reload: [...own, '-s', 'reload'],
    pid: paths.pidPath,
  };
  let master: RunningProcess | undefined;
  const start = async () => {
    master = await startProcess({
      command: program,
      args: own.slice(1),
      log: join(dir, 'nginx.log'),
      ready: async () =>
        (await Promise.all(fronts.map(({ port }) => accepts(port)))).every(Boolean) &&
        childrenOf(Number(readFileSync(paths.pidPath, 'utf8'))).length > 0,
    });
  };
  const children = () => childrenOf(master!.pid);
  const killMaster = async () => {
    const workers = children();
    await master!.end('SIGKILL');
    return async () => void (await Promise.all(workers.map(killed)));
  };
  await start();
  return {
    ...paths,
    folder,
    spec,
    start,
    children,
    pid: () => master!.pid,
    url: (backend) => `http://127.0.0.1:${fronts.find(({ name }) => name === backend)!.port}`,
    reload: async () => void (await outputOf({ command: program, args: spec.reload.slice(1) })),
    async kill() {
      await (await killMaster())();
    },
    killMaster,
    async stop() {
      const workers = master!.isAlive() ? children() : [];
      await master!.end('SIGTERM');
      for (const pid of workers) await killed(pid);
    },
  };
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** Ends a worker, which is no child of this process. Its port is free once it has ended, and not before. */
async function killed(pid: number): Promise<void> {
  const runs = () => {
    try {
      return !/^\d+ \(nginx\S*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  };
  if (runs()) process.kill(pid, 'SIGKILL');
  await waitFor({ what: `worker ${pid} ending`, until: () => !runs(), every: 5 });
}
