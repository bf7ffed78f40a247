import { BelayError } from '../../errors';
import { runProgram } from '../../run-program';
import { parseProperties } from '../../runtimes/systemd/properties';
import { type Listener, parseListeners } from './listeners';
import { type Unit, unitOf, unitProperties } from './unit';

const timeout = 20_000;

/** Returns the units of these names, in this order. Throws `input-invalid` if systemd does not answer. */
export async function readUnits(names: string[]): Promise<Unit[]> {
  if (names.length === 0) return [];
  const output = await systemctl(['show', '--no-pager', `--property=${unitProperties.join(',')}`, '--', ...names]);
  return parseProperties(output).map(unitOf);
}

/** Returns a unit's file with its drop-ins; empty without a file. */
export async function unitText(name: string): Promise<string> {
  const { output } = await runProgram({ command: 'systemctl', args: ['cat', '--no-pager', '--', name], timeout });
  return output;
}

/** Returns the services that systemd has loaded, those of a pattern if one is given. */
export async function loadedServices(pattern?: string): Promise<Array<{ name: string; active: boolean }>> {
  const args = ['list-units', '--type=service', '--all', '--full', '--plain', '--no-legend', '--no-pager'];
  const output = await systemctl([...args, ...(pattern === undefined ? [] : ['--', pattern])]);
  return output
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([name, , active]) => (name ? [{ name, active: active === 'active' }] : []));
}

/** Returns the target that the machine starts. */
export const defaultTarget = async (): Promise<string> => (await systemctl(['get-default'])).trim();

/** Returns the TCP sockets on which programs listen; undefined if they cannot be seen. */
export async function readListeners(): Promise<Listener[] | undefined> {
  const { code, output } = await runProgram({ command: 'ss', args: ['-tlnH', '--cgroup'], timeout });
  // A kernel before 5.7 does not tell the control group.
  return code === 0 && (output === '' || output.includes('cgroup:')) ? parseListeners(output) : undefined;
}

async function systemctl(args: string[]): Promise<string> {
  const { code, output, why } = await runProgram({ command: 'systemctl', args, timeout });
  if (code === 0) return output;
  throw new BelayError('input-invalid', `systemctl ${args[0]}: ${why.split('\n')[0]}`, {
    hint: 'run this on the host whose systemd runs the units',
  });
}
