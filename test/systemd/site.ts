import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { type MachineWorker, type MachineWorkerOptions, startMachineWorker } from '../../testbed/systemd/worker';
import { startTemporal } from '../../testbed/temporal';
import { ask } from './programs';

/** A machine with a worker, and Temporal beside it. */
export interface Site {
  machine: Machine;
  worker: MachineWorker;
  /** Runs the command line. Returns its exit code, and all that it has said. */
  say(...args: string[]): Promise<{ code: number | string; text: string }>;
  /** Releases, and returns all that was said. Throws if that fails. */
  release(...args: string[]): Promise<string>;
  /** Writes a program into the project's folder. */
  build(name: string, text: string): Promise<void>;
  /** Puts a unit file in its place. */
  install(name: string, text: string): Promise<void>;
  /** The answer at a port of loopback. */
  version(port: number): Promise<string>;
  shell(text: string): Promise<string>;
  property(name: string, unit: string): Promise<string>;
  close(): Promise<void>;
}

interface SiteOptions extends Omit<MachineWorkerOptions, 'temporal'> {
  /** Prepares the machine before the worker starts. */
  before?(machine: Machine): Promise<unknown>;
}

export async function openSite(host: string, { before, ...options }: SiteOptions): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), 'belay-systemd-'));
  const [temporal, machine] = await Promise.all([startTemporal({ dir }), bootMachine({ name: host })]);
  const close = async () => {
    await machine.close();
    await temporal.stop();
    rmSync(dir, { recursive: true });
  };
  const start = async () => {
    await before?.(machine);
    return await startMachineWorker(machine, { temporal: Number(temporal.address.split(':')[1]), ...options });
  };
  const worker = await start().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const say: Site['say'] = async (...args) => {
    const { code, output, errors } = await worker.belay(args);
    return { code, text: `${output}${errors}` };
  };
  return {
    machine,
    worker,
    say,
    async release(...args) {
      const { code, text } = await say('release', ...args);
      if (code !== 0) throw new Error(text);
      return text;
    },
    build: (name, text) => machine.write(join(options.folder ?? '/srv/project', name), text, 0o755),
    async install(name, text) {
      await machine.write(join('/etc/systemd/system', name), text);
      await machine.exec('systemctl', ['daemon-reload']);
    },
    version: (port) => machine.exec('node', ['-e', ask, `http://127.0.0.1:${port}/version`]),
    shell: (text) => machine.exec('sh', ['-c', text]),
    property: (name, unit) => machine.exec('systemctl', ['show', '--value', '-p', name, unit]),
    close,
  };
}
