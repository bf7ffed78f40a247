import { type Properties, words } from '../../runtimes/systemd/properties';
import { timespan } from '../../runtimes/systemd/timespan';

/** A service's unit, as systemd has loaded it. */
export interface Unit {
  id: string;
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error`. */
  load: string;
  /** `active`, `inactive`, `failed`, … */
  active: string;
  /** `enabled`, `disabled`, `static`, `linked`, …; empty without a file. */
  enablement: string;
  /** Path of the unit's file. */
  file: string;
  /** True if the file has changed since systemd read it. */
  changed: boolean;
  /** `simple`, `exec`, `notify`, `oneshot`, … */
  type: string;
  /** Program and arguments; empty without ExecStart. */
  command: string[];
  environment: Record<string, string>;
  environmentFiles: Array<{ path: string; optional: boolean }>;
  /** Working directory; empty where the unit names none. */
  folder: string;
  /** The name in User=; empty for root. */
  user: string;
  group: string;
  groups: string[];
  isDynamicUser: boolean;
  /** Its control group, by which the kernel names its sockets. */
  controlGroup: string;
  restart: string;
  /** Milliseconds before a restart. */
  restartAfter: number;
  /** systemd gives up after `burst` starts within this many milliseconds. */
  startLimit: { burst: number; within: number };
  /** Milliseconds from the stop signal to SIGKILL. */
  stopTimeout: number;
  stopSignal: number;
  killMode: string;
  /** Destinations of its output: `journal`, `null`, `file:/var/log/x`, … */
  outputs: string[];
  after: string[];
  /** Units that it requires, or is bound to. */
  requires: string[];
  wants: string[];
  /** Units that start it: targets that want it, sockets and timers that trigger it. */
  startedBy: string[];
}

/** Properties that `unitOf` reads. */
export const unitProperties = [
  ...['Id', 'LoadState', 'ActiveState', 'UnitFileState', 'FragmentPath', 'NeedDaemonReload', 'ControlGroup'],
  ...['Type', 'ExecStart', 'Environment', 'EnvironmentFiles', 'WorkingDirectory'],
  ...['User', 'Group', 'SupplementaryGroups', 'DynamicUser'],
  ...['Restart', 'RestartUSec', 'StartLimitBurst', 'StartLimitIntervalUSec'],
  ...['TimeoutStopUSec', 'KillSignal', 'KillMode', 'StandardOutput', 'StandardError'],
  ...['After', 'Requires', 'Requisite', 'BindsTo', 'Wants'],
  ...['WantedBy', 'RequiredBy', 'UpheldBy', 'TriggeredBy'],
];

/** Returns the unit with these properties. Pure. */
export function unitOf(properties: Properties): Unit {
  const one = (name: string): string => properties[name]?.[0] ?? '';
  const list = (...names: string[]): string[] => [...new Set(names.flatMap((name) => words(one(name))))];
  const span = (name: string): number => timespan(one(name)) ?? 0;
  return {
    id: one('Id'),
    load: one('LoadState'),
    active: one('ActiveState'),
    enablement: one('UnitFileState'),
    file: one('FragmentPath'),
    changed: one('NeedDaemonReload') === 'yes',
    controlGroup: one('ControlGroup'),
    type: one('Type'),
    command: commandOf(one('ExecStart')),
    environment: Object.fromEntries(list('Environment').map(pair)),
    environmentFiles: (properties.EnvironmentFiles ?? []).flatMap(environmentFile),
    folder: one('WorkingDirectory').replace(/^[!-]+/, ''),
    user: one('User'),
    group: one('Group'),
    groups: list('SupplementaryGroups'),
    isDynamicUser: one('DynamicUser') === 'yes',
    restart: one('Restart'),
    restartAfter: span('RestartUSec'),
    startLimit: { burst: Number(one('StartLimitBurst')), within: span('StartLimitIntervalUSec') },
    stopTimeout: span('TimeoutStopUSec'),
    stopSignal: Number(one('KillSignal')),
    killMode: one('KillMode'),
    outputs: [one('StandardOutput'), one('StandardError')].filter((to) => to !== '' && to !== 'inherit'),
    after: list('After'),
    requires: list('Requires', 'Requisite', 'BindsTo'),
    wants: list('Wants'),
    startedBy: list('WantedBy', 'RequiredBy', 'UpheldBy', 'TriggeredBy'),
  };
}

/** systemd prints arguments without quotes: one with a space looks like two. */
function commandOf(execStart: string): string[] {
  const [, path, argv = ''] = /path=(\S+) ; argv\[\]=(.*?) ; ignore_errors=/.exec(execStart) ?? [];
  return path === undefined ? [] : [path, ...argv.split(' ').slice(1)];
}

function pair(assignment: string): [string, string] {
  const end = assignment.indexOf('=');
  return [assignment.slice(0, end), assignment.slice(end + 1)];
}

function environmentFile(text: string): Unit['environmentFiles'] {
  const [, path, ignores] = /^(.*) \(ignore_errors=(yes|no)\)$/.exec(text) ?? [];
  return path === undefined ? [] : [{ path, optional: ignores === 'yes' }];
}
