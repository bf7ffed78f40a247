import { join } from 'node:path';
import type { Ended } from '../../src/run-program';
import { waitFor } from '../wait';
import type { Machine } from './machine';

/** Belay's worker on a machine, as a unit that starts with it. */
export interface MachineWorker {
  /** Runs the command line on the machine, in the project's folder. */
  belay(args: string[], options?: { input?: string; env?: Record<string, string> }): Promise<Ended>;
  /** Writes files of the project's folder. */
  write(files: Record<string, string>): Promise<void>;
  /** Resolves when the present process polls. */
  ready(): Promise<void>;
  /** What the unit has said since it was started last. */
  log(): Promise<string>;
}

export interface MachineWorkerOptions {
  /** Port on loopback of the Temporal that the test has started. */
  temporal: number;
  /** The name of its unit, for one of several on a machine. */
  name?: string;
  /** A module that starts it, in place of the command line. */
  module?: string;
  /** The project's folder. */
  folder?: string;
  /** Its files, by their names in it. */
  files: Record<string, string>;
  /** More environment of the worker. */
  env?: Record<string, string>;
}

const commandLine = '/opt/belay/dist/src/cli/main.js';

/** Starts a worker for a project's folder. The machine gives its host the name. Resolves when it polls. */
export async function startMachineWorker(
  machine: Machine,
  { temporal, name = 'belay-worker', module, folder = '/srv/project', files, env = {} }: MachineWorkerOptions,
): Promise<MachineWorker> {
  const unit = `${name}.service`;
  const reach = { TEMPORAL_ADDRESS: await machine.lend(temporal) };
  const write = async (given: Record<string, string>) => {
    for (const [name, text] of Object.entries(given)) await machine.write(join(folder, name), text);
  };
  const log = async () => {
    const invocation = await machine.exec('systemctl', ['show', '--property', 'InvocationID', '--value', unit]);
    return machine.exec('journalctl', ['--output', 'cat', `_SYSTEMD_INVOCATION_ID=${invocation}`]);
  };
  const ready = () =>
    waitFor({ what: `the worker of ${machine.name}`, until: async () => /^worker(: ready| of )/m.test(await log()) });

  await write(files);
  await machine.write(join('/etc/systemd/system', unit), unitText({ module, folder, env: { ...reach, ...env } }));
  await machine.exec('systemctl', ['daemon-reload']);
  await machine.exec('systemctl', ['enable', '--now', unit]);
  await ready();
  return {
    belay: (args, { input, env: more } = {}) => {
      const inFolder = ['--chdir', folder, '/usr/bin/node', commandLine, ...args];
      return machine.run('env', inFolder, { input, env: { ...reach, ...env, NO_COLOR: '1', ...more } });
    },
    write,
    ready,
    log,
  };
}

interface Unit extends Pick<MachineWorkerOptions, 'module'> {
  folder: string;
  env: Record<string, string>;
}

/** However often it is killed, systemd starts it again. */
const unitText = ({ module, folder, env }: Unit): string =>
  [
    '[Unit]',
    'StartLimitIntervalSec=0',
    '[Service]',
    `ExecStart=/usr/bin/node ${module ?? `${commandLine} worker`}`,
    `WorkingDirectory=${folder}`,
    ...Object.entries(env).map(([key, value]) => `Environment="${key}=${value}"`),
    'Restart=always',
    'RestartSec=200ms',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
