import { join } from 'node:path';
import { bootMachine, type Machine } from '../testbed/systemd/machine';
import { startMachineWorker } from '../testbed/systemd/worker';
import type { Temporal } from '../testbed/temporal';
import { later, run } from './show';

export interface DemoHost {
  machine: Machine;
  /** Runs a program on the host, in sight. */
  run(...command: string[]): Promise<void>;
  /** Runs the command line on the host, in sight. */
  belay(args: string[], expected?: number): Promise<void>;
}

export interface HostOptions {
  name: string;
  /** The example's folder on this machine. It stands read-only at /srv/NAME. */
  example: string;
  /** The folder in it that has the belay.yaml. */
  project?: string;
  temporal: Temporal;
  /** Brings up what the first release finds. */
  prepare(host: Pick<DemoHost, 'machine' | 'run'>): Promise<void>;
}

const program = ['/usr/bin/node', '/opt/belay/dist/src/cli/main.js'];

/** Boots a host with systemd, lets `prepare` install services, and starts a worker on it. Ends with the demo. */
export async function bootHost({ name, example, project = '.', temporal, prepare }: HostOptions): Promise<DemoHost> {
  const root = `/srv/${name}`;
  const folder = join(root, project);
  const machine = await bootMachine({ name, mounts: { [root]: example } });
  later(() => machine.close());
  const env = { TEMPORAL_ADDRESS: await machine.lend(portOf(temporal)) };
  const inside = (command: string[], more: { shown: string; expected?: number }) => {
    const options = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
    const reach = ['docker', 'exec', ...options, '--workdir', folder, machine.container];
    return run({ command: [...reach, ...command], cwd: example, ...more });
  };
  const host = { machine, run: (...command: string[]) => inside(command, { shown: command.join(' ') }) };
  await prepare(host);
  await startMachineWorker(machine, { temporal: portOf(temporal), folder, files: {}, env: { BELAY_HOST: name } });
  return {
    ...host,
    belay: ([verb = '', ...args], expected) =>
      // Nobody is there to answer a release that is held, and hosts of a demo share their Temporal.
      inside([...program, verb, '--until-held', '--host', name, ...args], {
        shown: ['belay', verb, ...args].join(' '),
        expected,
      }),
  };
}

const portOf = ({ address }: Temporal): number => Number(address.split(':')[1]);
