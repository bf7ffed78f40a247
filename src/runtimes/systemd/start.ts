import { BelayError } from '../../errors';
import { type UnitRecord, unitRecord, writeUnitRecord } from '../../hosts/unit-records';
import { attest } from './attest';
import { letComeBack } from './comeback';
import { refusePorts } from './failed-start';
import { foundRecord } from './found';
import { noteUnit } from './found-notes';
import { handOver, isHalf } from './handover';
import { seatFiles } from './seating';
import { isHolder, type Seat, type SystemdHost, seatAt } from './units';

/**
 * Gives the instance its unit, and ensures that the unit runs for it: files, link and drop-in first, then one job. A
 * unit that runs for another instance is restarted, so that nothing that systemd keeps for it is lost. The signal ends
 * the wait for the job.
 */
export async function startInstance(host: SystemdHost, name: string, signal?: AbortSignal): Promise<void> {
  const record = await unitRecord(host, name);
  if (!record) throw new BelayError('instance-lost', `${name} is gone`);
  const seat = await seatAt(host, record.unit);
  if (isStarted(record, seat)) return await ensureSame(host, record, seat);
  await refuseOther(host, record, seat);
  await refusePorts(record, seat);
  await keepFormer(host, record, seat);
  const taken = await take(host, record, seat);
  await seatFiles(host, taken, seat.state);
  await letComeBack(host, taken, seat);
  await handOver(host, { record: taken, before: seat, signal });
}

const isStarted = (record: UnitRecord, seat: Seat): boolean =>
  seat.state.active === 'active' &&
  seat.occupant === record.name &&
  isHolder(seat, record.name) &&
  !isHalf(record, seat.state.run);

/** Another start may have changed its files, and its own may have been cut off before the look at its program. */
async function ensureSame(host: SystemdHost, record: UnitRecord, { state }: Seat): Promise<void> {
  await seatFiles(host, record, state);
  // After a reload the main process is that of the one before.
  if (record.reloaded !== state.run) await attest(host, { record, state, began: Date.now() });
}

/** Notes what the unit runs before this instance; a second try keeps what the first one saw. */
async function take(host: SystemdHost, record: UnitRecord, seat: Seat): Promise<UnitRecord> {
  const { state, holder } = seat;
  const isHalfOf = holder !== undefined && isHalf((await unitRecord(host, holder)) ?? {}, state.run);
  const taken: UnitRecord = {
    ...record,
    took: tookOf(record, seat),
    asked: undefined,
    reloaded: undefined,
    reloading: isHalfOf ? state.run : undefined,
  };
  await writeUnitRecord(host, taken);
  return taken;
}

function tookOf({ name, took }: UnitRecord, { state, occupant, holder, isLive }: Seat): UnitRecord['took'] {
  if (took && holder === name && took.run === state.run) return took;
  return { run: state.run, ...(isLive && occupant !== undefined && { from: occupant }) };
}

/** A unit belongs to one service. */
async function refuseOther(
  host: SystemdHost,
  { name, unit, identity }: UnitRecord,
  { holder, isLive }: Seat,
): Promise<void> {
  const other = holder === undefined ? undefined : (await unitRecord(host, holder))?.identity;
  if (!other || !identity || !isLive) return;
  if (other.platform === identity.platform && other.service === identity.service) return;
  throw new BelayError(
    'launch-failed',
    `${name}: ${unit} already runs ${holder}, of ${other.platform}/${other.service}`,
    {
      hint: 'give each service a unit of its own',
    },
  );
}

/** Writes down what Belay found, before it changes for the first time. */
async function keepFormer(host: SystemdHost, record: UnitRecord, seat: Seat): Promise<void> {
  if (seat.isLive && seat.holder === undefined && record.identity) {
    await foundRecord(host, seat);
    await noteUnit(host, seat.unit, { ...record.identity, revision: 0 });
  }
}
