import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BackendSpec, type ExtraLines, haproxyConfig } from './haproxy-config';
import { startMaster } from './haproxy-master';
import { ask } from './haproxy-socket';
import { freePort } from './port';

export type HaproxyOptions = {
  dir: string;
  backends: BackendSpec[];
  /** Port of the first backend's frontend; a free one by default. */
  frontendPort?: number;
  /** Lines to add to a section, or to overrule one of its lines. */
  options?: ExtraLines;
};

export type Haproxy = {
  configPath: string;
  /** The runtime API as a unix socket; `tcpAddress` is the same as host:port. */
  socketPath: string;
  tcpAddress: string;
  masterSocket: string;
  statePath: string;
  /** The file that chooses the serving set, for backends with sets. */
  mapPath: string;
  pid(): number;
  /** Returns the address of a backend's frontend. */
  url(backend: string): string;
  /** Sends one command to the runtime API, and returns the reply. */
  runtime(command: string): Promise<string>;
  /** Writes the state of all servers to `statePath`; call it after each change. */
  saveState(): Promise<void>;
  /** Starts a new worker on the same listeners; resolves when it serves. Old workers finish their connections. */
  reload(): Promise<void>;
  /** SIGKILL of the master and of every worker. */
  kill(): Promise<void>;
  /** Stops running processes, and starts again with the same configuration, ports and state file. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts HAProxy with one frontend on loopback for each backend. */
export async function startHaproxy({ dir, backends, frontendPort, options }: HaproxyOptions): Promise<Haproxy> {
  mkdirSync(dir, { recursive: true });
  const paths = pathsIn(dir);
  const tcpAddress = `127.0.0.1:${await freePort()}`;
  const fronts = await withPorts(backends, frontendPort);
  writeFileSync(paths.configPath, haproxyConfig({ backends: fronts, tcpAddress, ...paths, options }));
  for (const path of [paths.statePath, paths.mapPath]) if (!existsSync(path)) writeFileSync(path, '');
  const start = () => startMaster({ ...paths, dir, ports: fronts.map(({ port }) => port) });
  const runtime = (command: string) => ask(paths.socketPath, command);
  let master = await start();
  return {
    ...paths,
    tcpAddress,
    runtime,
    pid: () => master.pid,
    url: (backend) => urlOf(fronts, backend),
    saveState: async () => replaceFile(paths.statePath, `${await runtime('show servers state')}\n`),
    reload: () => master.reload(),
    kill: () => master.kill(),
    async restart() {
      await master.stop();
      master = await start();
    },
    stop: () => master.stop(),
  };
}

function pathsIn(dir: string) {
  return {
    configPath: join(dir, 'haproxy.cfg'),
    socketPath: join(dir, 'haproxy.sock'),
    masterSocket: join(dir, 'master.sock'),
    statePath: join(dir, 'haproxy.state'),
    mapPath: join(dir, 'sets.map'),
  };
}

async function withPorts(backends: BackendSpec[], frontendPort?: number): Promise<(BackendSpec & { port: number })[]> {
  const fronts: (BackendSpec & { port: number })[] = [];
  for (const [index, backend] of backends.entries()) {
    const wanted = backend.port ?? (index === 0 ? frontendPort : undefined);
    fronts.push({ ...backend, port: wanted ?? (await freePort()) });
  }
  return fronts;
}

function urlOf(fronts: { name: string; port: number }[], backend: string): string {
  const front = fronts.find(({ name }) => name === backend);
  if (!front) throw new Error(`no backend ${backend}; there are ${fronts.map(({ name }) => name).join(', ')}`);
  return `http://127.0.0.1:${front.port}`;
}

function replaceFile(path: string, content: string): void {
  writeFileSync(`${path}.next`, content);
  renameSync(`${path}.next`, path);
}
