import { realpathSync } from 'node:fs';
import { type Ended, runProgram } from '../../src/run-program';
import { docker } from '../docker';
import { waitFor } from '../wait';
import { containerOptions, machineImage, networkOf, removeLeft } from './container';
import { forward } from './forward';

export interface RunOptions {
  /** Text for its standard input. */
  input?: string;
  /** More environment than PATH and HOME. */
  env?: Record<string, string>;
}

/** A host with systemd as process 1, in a container. It has no Docker Engine. */
export interface Machine {
  name: string;
  /** The container, for `docker exec`. */
  container: string;
  /** Its address, at which this process reaches its services. */
  ip(): string;
  /** Runs a program as root, without a shell. Returns its end. */
  run(file: string, args?: string[], options?: RunOptions): Promise<Ended>;
  /** As `run`. Returns its standard output without blanks at its end, throws with its standard error. */
  exec(file: string, args?: string[], options?: RunOptions): Promise<string>;
  /** Writes a file, and the folders above it. Mode 0644 by default. */
  write(path: string, text: string, mode?: number): Promise<void>;
  read(path: string): Promise<string>;
  /** Returns the address at which the machine reaches a port on loopback of this process's host. */
  lend(port: number): Promise<string>;
  /**
   * Reboots it, and boots it after `kill`. Files and the journal survive, processes, /run and /tmp do not. Resolves when
   * it has booted.
   */
  restart(): Promise<void>;
  /** Ends every process at once, as when the power fails. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface MachineOptions {
  /** Its host name, `machine` by default. */
  name?: string;
  /** More folders and files of this host by their place in the machine, read-only. */
  mounts?: Record<string, string>;
}

/** Boots a machine that has this Belay's build in /opt/belay. Resolves when it has booted. */
export async function bootMachine({ name = 'machine', mounts = {} }: MachineOptions = {}): Promise<Machine> {
  const [image] = await Promise.all([machineImage(), removeLeft()]);
  const volumes = Object.entries(mounts).flatMap(([place, path]) => ['--volume', `${realpathSync(path)}:${place}:ro`]);
  const container = await docker(['run', '--detach', '--hostname', name, ...containerOptions(), ...volumes, image]);
  const { run, output } = programsIn({ name, container });
  const lent: Array<() => Promise<void>> = [];
  let network = { ip: '', gateway: '' };
  const booted = async () => {
    const hasBooted = async () =>
      /^(running|degraded)$/.test((await run('systemctl', ['is-system-running', '--wait'])).output.trim());
    await waitFor({ what: `the boot of ${name}`, until: hasBooted });
    network = await networkOf(container);
  };
  const close = async () => {
    await Promise.all(lent.splice(0).map((end) => end()));
    await docker(['rm', '--force', '--volumes', container]);
  };

  await booted().catch(async (error) => {
    const log = await docker(['logs', '--tail', '20', container]);
    await close();
    throw new Error(`${(error as Error).message}\n${log}`, { cause: error });
  });
  return {
    name,
    container,
    ip: () => network.ip,
    run,
    exec: async (...asked) => (await output(...asked)).trimEnd(),
    write: async (path, text, mode = 0o644) =>
      void (await output('install', ['-D', '-m', mode.toString(8), '/dev/stdin', path], { input: text })),
    read: (path) => output('cat', [path]),
    async lend(port) {
      const { address, end } = await forward({ host: network.gateway, port });
      lent.push(end);
      return address;
    },
    async restart() {
      await docker(['restart', '--time', '60', container]);
      await booted();
    },
    kill: async () => void (await docker(['kill', container])),
    close,
  };
}

function programsIn({ name, container }: Pick<Machine, 'name' | 'container'>) {
  const run: Machine['run'] = (file, args = [], { input, env = {} } = {}) => {
    const options = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
    if (input !== undefined) options.push('--interactive');
    const inside = ['exec', ...options, container, file, ...args];
    return runProgram({ command: 'docker', args: inside, input, most: 64 * 1024 ** 2 });
  };
  const output: Machine['exec'] = async (file, args = [], options = {}) => {
    const { code, output, why } = await run(file, args, options);
    if (code === 0) return output;
    throw new Error(`${[file, ...args].join(' ')} ended with ${code} on ${name}: ${why || output}`);
  };
  return { run, output };
}
