import { constants } from 'node:os';
import { type Properties, parseProperties, words } from './properties';

/** A unit as `systemctl show` tells it. */
export interface UnitState {
  id: string;
  load: string;
  loadError: string;
  /** The path of the unit file; empty without one. */
  file: string;
  dropIns: string[];
  /** `enabled`, `disabled`, `static`, `masked`, `linked`, …; empty for a unit without a file. */
  enabled: string;
  active: string;
  /** True while a job of it waits for its turn, as the start of a unit does at boot. */
  isQueued: boolean;
  sub: string;
  result: string;
  /** The id of its run: another one after each start. */
  run: string;
  pid: number;
  cgroup: string;
  /** Absent while it runs. */
  exitCode?: number;
  /** ISO 8601; another one after each start. */
  startedAt: string;
  restarts: number;
  needsReload: boolean;
  /** Sockets and other units whose events start it. */
  triggers: string[];
  requires: string[];
  /** Units that its restart restarts, and its stop stops. */
  requiredBy: string[];
  /** Units that its stop alone stops. */
  stopsToo: string[];
  /** Units that its start stops. */
  conflicts: string[];
  /** Units that start it again whenever it has stopped. */
  upheldBy: string[];
  type: string;
  killSignal: string;
  groups: string[];
  /** True if systemd may keep file descriptors for it over a restart. */
  keepsFiles: boolean;
  /** Paths of the programs that it starts. */
  programs: string[];
  canReload: boolean;
  exec: Exec;
  /** Commands beside its main process that have failed. */
  failed: FailedCommand[];
  /** Paths of its EnvironmentFile=, of which some may be patterns. */
  envFiles: string[];
}

/** The end of a process, in numbers of waitid(2). */
export interface Exec {
  code: number;
  status: number;
}

/** A command around the main process, such as one of `ExecStartPre`. */
export interface FailedCommand extends Exec {
  setting: string;
  path: string;
}

/** The properties that `show` is asked for. */
export const properties = [
  'Id',
  'LoadState',
  'LoadError',
  'FragmentPath',
  'DropInPaths',
  'UnitFileState',
  'ActiveState',
  'Job',
  'SubState',
  'Result',
  'InvocationID',
  'MainPID',
  'ControlGroup',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestamp',
  'ExecMainStartTimestampMonotonic',
  'ActiveEnterTimestamp',
  'ActiveEnterTimestampMonotonic',
  'NRestarts',
  'NeedDaemonReload',
  'TriggeredBy',
  'Requires',
  'BindsTo',
  'RequiredBy',
  'RequisiteOf',
  'BoundBy',
  'ConsistsOf',
  'PropagatesStopTo',
  'Conflicts',
  'ConflictedBy',
  'UpheldBy',
  'Type',
  'KillSignal',
  'SupplementaryGroups',
  'FileDescriptorStoreMax',
  'ExecStart',
  'CanReload',
  'EnvironmentFiles',
  'ExecCondition',
  'ExecStartPre',
  'ExecStartPost',
];

/** Parses the output of `systemctl show` for several units. Pure. */
export const unitStates = (output: string): UnitState[] => parseProperties(output).map(stateOf);

function stateOf(properties: Properties): UnitState {
  const text = (name: string) => properties[name]?.join('\n') ?? '';
  const list = (name: string) => words(text(name));
  const count = (name: string) => Number(text(name)) || 0;
  const exec = { code: count('ExecMainCode'), status: count('ExecMainStatus') };
  const active = text('ActiveState');
  const result = text('Result');
  return {
    id: text('Id'),
    load: text('LoadState'),
    loadError: text('LoadError'),
    file: text('FragmentPath'),
    dropIns: list('DropInPaths'),
    enabled: text('UnitFileState'),
    active,
    isQueued: text('Job') !== '' && ['inactive', 'failed'].includes(active),
    sub: text('SubState'),
    result,
    run: text('InvocationID'),
    pid: count('MainPID'),
    cgroup: text('ControlGroup'),
    ...(['inactive', 'failed'].includes(active) && { exitCode: exitCode(exec, result) }),
    startedAt: startOf(text),
    restarts: count('NRestarts'),
    needsReload: text('NeedDaemonReload') === 'yes',
    triggers: list('TriggeredBy'),
    requires: [...list('Requires'), ...list('BindsTo')],
    requiredBy: ['RequiredBy', 'RequisiteOf', 'BoundBy', 'ConsistsOf'].flatMap(list),
    stopsToo: list('PropagatesStopTo'),
    conflicts: [...list('Conflicts'), ...list('ConflictedBy')],
    upheldBy: list('UpheldBy'),
    type: text('Type'),
    killSignal: signalName(count('KillSignal')),
    groups: list('SupplementaryGroups'),
    keepsFiles: count('FileDescriptorStoreMax') > 0,
    programs: [...text('ExecStart').matchAll(/\{ path=(\S+) ;/g)].map(([, path]) => path!),
    canReload: text('CanReload') === 'yes',
    exec,
    failed: ['ExecCondition', 'ExecStartPre', 'ExecStartPost'].flatMap((name) => failedIn(name, text(name))),
    envFiles: [...text('EnvironmentFiles').matchAll(/^(.+) \(ignore_errors=\w+\)$/gm)].map(([, path]) => path!),
  };
}

export const [exited, killed, dumped] = [1, 2, 3] as const;
const codes: Record<string, number> = { exited, killed, dumped };

const ended = /^\{ path=(\S+) ;.* ; ignore_errors=no ;.* ; code=(\w+) ; status=(\d+)/gm;

const failedIn = (setting: string, text: string): FailedCommand[] =>
  [...text.matchAll(ended)]
    .map(([, path, how, status]) => ({ setting, path: path!, code: codes[how!] ?? 0, status: Number(status) }))
    .filter(({ code, status }) => code > exited || (code === exited && status !== 0));

/** As a shell and Docker tell it: 128 and the signal, and 137 also where others than the main process were killed. */
export function exitCode({ code, status }: Exec, result: string): number {
  if (result === 'timeout') return 137;
  if (code === killed || code === dumped) return 128 + status;
  return code === exited ? status : 0;
}

/**
 * The second of the start, with the fraction of its monotonic time: `show` gives seconds alone, and two starts may share
 * one.
 */
function startOf(text: (name: string) => string): string {
  const event = text('ExecMainStartTimestamp') === '' ? 'ActiveEnterTimestamp' : 'ExecMainStartTimestamp';
  const [, day, time] = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})/.exec(text(event)) ?? [];
  if (!day) return '';
  const fraction = String((Number(text(`${event}Monotonic`)) || 0) % 1_000_000).padStart(6, '0');
  return `${day}T${time}.${fraction}Z`;
}

export const signalName = (number: number): string =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? 'SIGTERM';
