import { basename } from 'node:path';

/** What a systemd unit of `belay serve` says. */
export interface UnitContent {
  /** Absolute: the program that runs, and its arguments. */
  command: string[];
  environment: Record<string, string>;
  /** Root's own, started by the machine; else one of the user's own manager. */
  system: boolean;
}

/** By it Belay knows a unit that it has written. */
export const unitMark = '# Written by belay serve --install; gone with belay serve --uninstall.';
export const unitName = 'belay.service';

/**
 * The text of the unit. `mixed`: only `belay serve` is told to stop, and stops the worker before Temporal, for which it has
 * as long as both may take. Belay outlives a restart of Docker. Pure.
 */
export function systemdUnit({ command, environment, system }: UnitContent): string {
  const after = system ? 'network-online.target docker.service' : 'docker.service';
  return `${unitMark}
[Unit]
Description=Belay: Temporal, its Web UI and a worker
After=${after}
Wants=${after}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${command.map(argument).join(' ')}
${Object.entries(environment)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`)
  .join('\n')}
Restart=always
RestartSec=5
KillMode=mixed
TimeoutStopSec=100

[Install]
WantedBy=${system ? 'multi-user.target' : 'default.target'}
`;
}

/** What the process that serves needs of the environment that it is installed from; no other variable is written into a file. Pure. */
export function unitEnvironment(env: NodeJS.ProcessEnv, own: Record<string, string>): Record<string, string> {
  const known = passed.flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return { ...Object.fromEntries(known), ...own };
}

const passed = [
  'PATH',
  'HOME',
  'BELAY_HOST',
  'BELAY_HEALTH_PORT',
  'BELAY_METRICS_PORT',
  'BELAY_REDIRECT',
  'BELAY_LOG',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_TLS_VERIFY',
  'DOCKER_CERT_PATH',
];

/** In a command `$` would begin a variable. */
const argument = (text: string): string => quoted(text.replaceAll('$', '$$$$'));

/** `%` would begin a specifier. */
const quoted = (text: string): string =>
  `"${text.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** The unit in which a process runs, by its control group as `/proc/<pid>/cgroup` shows it. Pure. */
export function unitIn(cgroup: string): string | undefined {
  return pathsIn(cgroup)
    .map((path) => basename(path))
    .find((name) => name.endsWith('.service'));
}

/** The user, by number, whose own manager has started a process; undefined where the machine's has. Pure. */
export function managerIn(cgroup: string): number | undefined {
  const found = pathsIn(cgroup).flatMap((path) => /\/user@(\d+)\.service\//.exec(path)?.[1] ?? []);
  return found[0] === undefined ? undefined : Number(found[0]);
}

const pathsIn = (cgroup: string): string[] =>
  cgroup.split('\n').flatMap((line) => line.split(':').slice(2).join(':') || []);
