import { basename } from 'node:path';

/** A unit that Belay writes. */
export interface BelayUnit {
  name: string;
  /** Its first line, by which Belay knows it as its own. */
  mark: string;
  description: string;
  /** Seconds that it may take to stop. */
  stop: number;
}

const markOf = (command: string): string => `# Written by ${command} --install; gone with ${command} --uninstall.`;

export const serveUnit: BelayUnit = {
  name: 'belay.service',
  mark: markOf('belay serve'),
  description: 'Belay: Temporal, its Web UI and a worker',
  stop: 100,
};

export const workerUnit: BelayUnit = {
  name: 'belay-worker.service',
  mark: markOf('belay worker'),
  description: 'Belay: the worker of this host',
  stop: 45,
};

/** Content of a unit that Belay writes. */
export interface UnitContent {
  unit: BelayUnit;
  /** Absolute path of the program, and its arguments. */
  command: string[];
  environment: Record<string, string>;
  /** File with more environment, for secrets; it may be missing. */
  environmentFile?: string;
  /** True for a unit of the machine, false for one of the user's own manager. */
  system: boolean;
}

/**
 * Returns the unit's text. `mixed` signals only `belay serve`, which stops the worker before Temporal, within the time
 * that both may take. Belay outlives a restart of Docker. Pure.
 */
export function systemdUnit({ unit, command, environment, environmentFile, system }: UnitContent): string {
  const after = system ? 'network-online.target docker.service' : 'docker.service';
  const variables = Object.entries(environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`);
  const secrets = environmentFile === undefined ? [] : [`EnvironmentFile=-${environmentFile.replaceAll('%', '%%')}`];
  return `${unit.mark}
[Unit]
Description=${unit.description}
After=${after}
Wants=${after}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${command.map(argument).join(' ')}
${[...variables, ...secrets].join('\n')}
Restart=always
RestartSec=5
KillMode=mixed
TimeoutStopSec=${unit.stop}

[Install]
WantedBy=${system ? 'multi-user.target' : 'default.target'}
`;
}

/** Returns the variables that the serving process needs; the unit contains no others. Pure. */
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

/** `$` would begin a variable in a command. */
const argument = (text: string): string => quoted(text.replaceAll('$', '$$$$'));

/** `%` would begin a specifier. */
const quoted = (text: string): string =>
  `"${text.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** Returns the unit of a process, by its control group in `/proc/<pid>/cgroup`. Pure. */
export function unitIn(cgroup: string): string | undefined {
  return pathsIn(cgroup)
    .map((path) => basename(path))
    .find((name) => name.endsWith('.service'));
}

/** Returns the number of the user whose own manager has started a process; undefined for the machine's. Pure. */
export function managerIn(cgroup: string): number | undefined {
  const found = pathsIn(cgroup).flatMap((path) => /\/user@(\d+)\.service\//.exec(path)?.[1] ?? []);
  return found[0] === undefined ? undefined : Number(found[0]);
}

const pathsIn = (cgroup: string): string[] =>
  cgroup.split('\n').flatMap((line) => line.split(':').slice(2).join(':') || []);
