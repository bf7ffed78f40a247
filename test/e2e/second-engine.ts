import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { docker, type RunningProcess, startProcess } from '../../testbed';

const run = promisify(execFile);

export interface SecondEngine {
  /** As DOCKER_HOST takes it. */
  host: string;
  /** SIGTERM, and started again. */
  restart(): Promise<void>;
  /** SIGKILL of the engine alone: its containers and its containerd stay. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends everything that runs in it, whatever state it is in. */
  stop(): Promise<void>;
}

/** Only root may start one. */
export const canStartEngine = process.getuid?.() === 0;

/**
 * A Docker Engine that a test may kill, beside the machine's own: other folders, socket and addresses, and a containerd
 * that outlives it, as on most hosts. It leaves the kernel's packet filter alone, ports on loopback are carried by its own
 * forwarder; and it has docker0 in common with the machine's, because one with another bridge would delete that.
 */
export async function startSecondEngine(dir: string): Promise<SecondEngine> {
  const host = `unix://${join(dir, 'docker.sock')}`;
  mkdirSync(dir, { recursive: true });
  const containerd = await startContainerd(dir);
  let engine: RunningProcess | undefined;
  const start = async () => {
    engine = await startProcess({
      command: 'dockerd',
      args: engineArguments(dir, host),
      log: join(dir, 'dockerd.log'),
      within: 60_000,
      ready: () => docker(['--host', host, 'version']),
    });
  };
  const stop = async () => {
    await engine?.stop(30_000);
    await containerd.stop();
    await endRest(dir);
  };
  await start().catch((error) => stop().then(() => Promise.reject(error)));
  return {
    host,
    start,
    stop,
    async restart() {
      await engine?.stop(30_000);
      await start();
    },
    kill: async () => engine?.end('SIGKILL'),
  };
}

const engineArguments = (dir: string, host: string): string[] => [
  ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--pidfile', join(dir, 'docker.pid')],
  ...['--host', host, '--containerd', join(dir, 'containerd.sock')],
  ...['--iptables=false', '--ip-masq=false'],
  ...['--default-address-pool', 'base=10.213.0.0/16,size=24'],
];

async function startContainerd(dir: string): Promise<RunningProcess> {
  const socket = join(dir, 'containerd.sock');
  const config = join(dir, 'containerd.toml');
  const folder = (name: string) => JSON.stringify(join(dir, 'containerd', name));
  writeFileSync(
    config,
    `version = 2\nroot = ${folder('root')}\nstate = ${folder('state')}\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n`,
  );
  return await startProcess({
    command: 'containerd',
    args: ['--config', config, '--address', socket],
    log: join(dir, 'containerd.log'),
    ready: () => canConnect(socket),
  });
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket
      .once('error', () => resolve(false))
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      });
  });
}

/** Those of its networks: they have addresses from the pool that is only its. */
async function removeBridges(): Promise<void> {
  const { stdout } = await run('ip', ['-brief', '-4', 'address']);
  const own = stdout.split('\n').filter((line) => line.includes(' 10.213.'));
  for (const line of own) await run('ip', ['link', 'delete', line.split(/\s+/)[0]!]).catch(() => undefined);
}

/** Containers, and what holds them, name the folder in their command line or come from one that does. */
async function endRest(dir: string): Promise<void> {
  const shims = pids().filter((pid) => read(`/proc/${pid}/cmdline`).includes(dir));
  const inside = pids().filter((pid) => shims.includes(parentOf(pid)));
  for (const pid of [...inside, ...shims]) kill(pid);
  const mounts = read('/proc/mounts')
    .split('\n')
    .map((line) => line.split(' ')[1]!);
  const own = mounts
    .filter((path) => path?.startsWith(`${dir}/`))
    .sort()
    .reverse();
  for (const path of own) await run('umount', ['--lazy', path]).catch(() => undefined);
  await removeBridges();
  rmSync(dir, { recursive: true, force: true });
}

const pids = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger);

const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
