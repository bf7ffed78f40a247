import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from '../../src/run-program';
import { docker } from '../../testbed/docker';
import { fromSetup, projectRoot } from '../../testbed/root';

/** The process that a machine belongs to. */
const label = 'belay-test.machine';

/** Returns the name of the image, which is built if it is missing. */
export async function machineImage(): Promise<string> {
  const build = join(projectRoot, 'test', 'systemd', 'image', 'build.sh');
  return (await outputOf({ command: build, args: [] })).trim();
}

/** Returns what lets systemd mount and limit as on a machine of its own, and where it finds Belay and Node. */
export function containerOptions(): string[] {
  return [
    ...['--label', `${label}=${process.pid}`],
    ...['--cap-add', 'SYS_ADMIN', '--cap-add', 'SYS_PTRACE', '--security-opt', 'seccomp=unconfined'],
    ...['--tmpfs', '/run', '--tmpfs', '/tmp:exec'],
    ...controlGroups(),
    ...['--volume', `${process.execPath}:/usr/bin/node:ro`],
    ...['dist', 'node_modules', 'package.json'].flatMap((name) => [
      '--volume',
      `${realpathSync(fromSetup(name))}:/opt/belay/${name}:ro`,
    ]),
  ];
}

/**
 * Each hierarchy is mounted by itself: systemd makes the folder above them read-only, and for all who share it. A
 * unified hierarchy has no such folder.
 */
function controlGroups(): string[] {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers'))
    return ['--cgroupns', 'host', '--volume', '/sys/fs/cgroup:/sys/fs/cgroup'];
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8').matchAll(/^\S+ \S+ \S+ \S+ (\/sys\/fs\/cgroup\/\S+)/gm);
  return ['--tmpfs', '/sys/fs/cgroup', ...[...mounted].flatMap(([, path]) => ['--volume', `${path}:${path}`])];
}

/** Returns a container's address, and this host's on the same network. Both may change at a restart. */
export async function networkOf(container: string): Promise<{ ip: string; gateway: string }> {
  const format = '{{.NetworkSettings.IPAddress}} {{.NetworkSettings.Gateway}}';
  const [ip = '', gateway = ''] = (await docker(['inspect', '--format', format, container])).split(' ');
  return { ip, gateway };
}

/** Removes the machines of tests that have ended. */
export async function removeLeft(): Promise<void> {
  const format = `{{.ID}} {{.Label "${label}"}}`;
  const lines = await docker(['ps', '--all', '--filter', `label=${label}`, '--format', format]);
  const machines = lines
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ') as [string, string]);
  const left = machines.filter(([, pid]) => !existsSync(`/proc/${pid}`)).map(([id]) => id);
  if (left.length > 0) await docker(['rm', '--force', '--volumes', ...left]);
}
