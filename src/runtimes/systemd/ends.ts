import type { UnitRecord } from '../../hosts/unit-records';
import type { Seat, SystemdHost } from './units';

/** systemd's message on the end of a main process: it is logged for every end but a good one. */
const processExit = '98e322203f7a4ed290d09fe03c09fe15';

/** The exit code of an instance that does not run; undefined if nobody knows. */
export async function exitCodeOf(host: SystemdHost, record: UnitRecord, seat: Seat): Promise<number | undefined> {
  if (record.exitCode !== undefined) return record.exitCode;
  const { state, holder = seat.unit } = seat;
  const isItsRun = state.run !== '' && (record.run === undefined || state.run === record.run);
  if (holder === record.name && isItsRun && state.exitCode !== undefined) return state.exitCode;
  return record.run === undefined ? undefined : await endOfRun(host, record.run);
}

/** The exit code of a run of a unit, by the journal: systemd forgets a unit that it has no more use for. */
export async function endOfRun({ ctl }: Pick<SystemdHost, 'ctl'>, run: string): Promise<number | undefined> {
  const ended = [`INVOCATION_ID=${run}`, '_PID=1'];
  const text = await ctl.journal(['--output=json', ...ended, `MESSAGE_ID=${processExit}`]).catch(() => undefined);
  if (text === undefined) return undefined;
  const last = text.trim().split('\n').at(-1);
  if (!last) return 0;
  const { EXIT_CODE: how, EXIT_STATUS: status } = JSON.parse(last) as Record<string, string | undefined>;
  const number = Number(status);
  return how === 'exited' ? number : 128 + number;
}
