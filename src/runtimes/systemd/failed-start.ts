import { BelayError } from '../../errors';
import type { UnitRecord } from '../../hosts/unit-records';
import { firstEnd } from './ends';
import { isWithin } from './places';
import { holdersOf } from './processes';
import { type Exec, exited, killed, type UnitState } from './unit-state';
import type { Seat, SystemdHost } from './units';

interface Failed {
  name: string;
  state: UnitState;
  why: string;
  record: Pick<UnitRecord, 'unit'>;
  /** The begin of the start, in milliseconds since 1970. */
  since: number;
}

/** Lines of the log in an error. */
const most = 10;

/** Exit codes by which systemd tells that it could not start the program, with what to do. */
const reasons: Record<number, { why: string; hint: string }> = {
  200: { why: 'its working directory cannot be entered', hint: 'look at WorkingDirectory= of the unit' },
  203: {
    why: 'its program cannot be run',
    hint: 'look whether ExecStart= names it, whether it is executable, and whether it is made for this machine: file PROGRAM',
  },
  209: { why: 'its standard output cannot be opened', hint: 'look at StandardOutput= of the unit' },
  216: { why: 'its group does not exist', hint: 'make the group, or correct Group= of the unit' },
  217: {
    why: 'its user does not exist',
    hint: 'make the user (user: … with unit_file does it), or correct User= of the unit',
  },
  226: {
    why: 'its view of the file system cannot be made',
    hint: 'look whether the paths in ReadWritePaths= and the like exist',
  },
  243: { why: 'its credentials cannot be read', hint: 'look whether the files in credentials exist' },
};

/** The error for a unit that did not start: systemd's result in words, and the last lines of its log. */
export async function failedStart(host: SystemdHost, failed: Failed): Promise<BelayError> {
  const { name, why, record, since } = failed;
  const { unit } = record;
  const lines = await lastLines(host, unit, since);
  const state = await stateAtEnd(host, failed);
  const { setting, path, ...end } = failedCommand(state);
  const known = end.code === exited && state.result === 'exit-code' ? reasons[end.status] : undefined;
  const whose = setting === undefined ? '' : `${setting}=${path} failed: `;
  const words = `${whose}${known ? `${known.why} (status ${end.status})` : resultWords(state, end, why)}`;
  const hint = hintOf(lines) ?? known?.hint ?? `the whole log: journalctl -u ${unit}`;
  const tail = lines.length > 0 ? `; its last lines:\n${lines.join('\n')}` : '';
  return new BelayError('launch-failed', `${name}: ${unit} did not start: ${words}${tail}`, { hint });
}

/** With Restart= the unit may be in its next run already, which has no result yet: the journal has the first one's. */
async function stateAtEnd(host: SystemdHost, { state, record, since }: Failed): Promise<UnitState> {
  const end = state.result === 'success' ? await firstEnd(host, record.unit, since) : undefined;
  if (!end) return state;
  const { how, status } = end;
  const isExit = how === 'exited';
  return { ...state, result: isExit ? 'exit-code' : 'signal', exec: { code: isExit ? exited : killed, status } };
}

interface Failure extends Exec {
  /** Absent for the main process. */
  setting?: string;
  path?: string;
}

/** A failed command beside it ends the main process too, by a signal or before its begin. */
function failedCommand({ exec, failed: [command] }: UnitState): Failure {
  const isMain = exec.code === exited && exec.status !== 0;
  return command && !isMain ? command : exec;
}

function resultWords({ result, sub }: UnitState, exec: Exec, why: string): string {
  if (result === 'timeout') return 'it was not ready within TimeoutStartSec';
  if (result === 'start-limit-hit') return 'it was started too often within StartLimitIntervalSec';
  if (result === 'exit-code' && exec.code === 0) return 'a command before its program failed (ExecStartPre=)';
  if (result === 'exit-code') return `it exited with code ${exec.status}`;
  if (result === 'signal' || result === 'core-dump') return `it was killed by signal ${exec.status}`;
  if (result === 'protocol') return 'it did not tell that it is ready (Type=notify)';
  if (result === 'resources') return 'systemd could not set it up';
  if (result === 'success') return sub === 'dead' ? why.split('\n')[0]! : `${why.split('\n')[0]} (${sub})`;
  return `result ${result}`;
}

/** The usual causes that a log tells. */
function hintOf(lines: string[]): string | undefined {
  const text = lines.join('\n');
  if (/Exec format error/i.test(text))
    return 'the program is made for another machine, or has no #! line: uname -m and file PROGRAM tell';
  if (/error while loading shared libraries|cannot open shared object file/i.test(text))
    return 'install the library that it names, or build the program without it: ldd PROGRAM lists what is missing';
  if (/address already in use|EADDRINUSE/i.test(text)) return 'another program has its port: ss -ltnp names it';
  if (/permission denied|EACCES/i.test(text))
    return 'look at owner, group and mode of the artifact, and at User= of the unit: namei -l PATH';
  return undefined;
}

/**
 * The last lines of a unit since a time: its own, and what systemd says of it. A unit with Restart= may be in its next
 * run already, so they are not asked by run.
 */
async function lastLines({ ctl }: Pick<SystemdHost, 'ctl'>, unit: string, since: number): Promise<string[]> {
  // The journal may still have to read what the program has said.
  await ctl.journal(['--sync']).catch(() => '');
  const matches = [`_SYSTEMD_UNIT=${unit}`, '+', `UNIT=${unit}`];
  const from = `--since=@${(since / 1000).toFixed(3)}`;
  const text = await ctl.journal(['-n', String(most), '-o', 'cat', from, ...matches]).catch(() => '');
  return text.trimEnd().split('\n').filter(Boolean);
}

/** Throws where another program listens at a port of the instance. The unit itself and its sockets may. */
export async function refusePorts({ name, unit, ports }: UnitRecord, { state }: Seat): Promise<void> {
  for (const port of Object.values(ports)) {
    const holders = await holdersOf(port);
    const others = holders.filter(
      ({ cgroup, pid }) => !isWithin(cgroup, state.cgroup) && !(pid === 1 && state.triggers.length > 0),
    );
    // A socket that systemd has handed over is open in both.
    if (others.length === 0 || others.length < holders.length) continue;
    const [{ pid, program, cgroup }] = others as [(typeof others)[number]];
    const whose = cgroup.split('/').at(-1);
    throw new BelayError(
      'launch-failed',
      `${name}: port ${port} of ${unit} is already in use by ${program || 'a program'} (process ${pid}${whose?.endsWith('.service') ? `, ${whose}` : ''})`,
      { hint: 'stop it, or give the service another port' },
    );
  }
}
