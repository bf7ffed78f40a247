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
  const ends = await endsIn({ ctl }, [`INVOCATION_ID=${run}`]).catch(() => undefined);
  if (ends === undefined) return undefined;
  const last = ends.at(-1);
  if (!last) return 0;
  return last.how === 'exited' ? last.status : 128 + last.status;
}

/** The first bad end of a unit's main process since a time, in milliseconds since 1970; undefined without one. */
export async function firstEnd(host: Pick<SystemdHost, 'ctl'>, unit: string, since: number): Promise<End | undefined> {
  const from = `--since=@${(since / 1000).toFixed(3)}`;
  const [first] = await endsIn(host, [from, `UNIT=${unit}`]).catch(() => []);
  return first;
}

interface End {
  /** `exited`, `killed` or `dumped`. */
  how: string;
  /** Exit code, or number of the signal. */
  status: number;
}

async function endsIn({ ctl }: Pick<SystemdHost, 'ctl'>, matches: string[]): Promise<End[]> {
  const text = await ctl.journal(['--output=json', ...matches, '_PID=1', `MESSAGE_ID=${processExit}`]);
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line) => {
    const { EXIT_CODE: how = '', EXIT_STATUS: status } = JSON.parse(line) as Record<string, string | undefined>;
    return { how, status: Number(status) };
  });
}
