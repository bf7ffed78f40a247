import { type UnitRecord, unitRecord, writeUnitRecord } from '../../hosts/unit-records';
import { foundPorts } from './observe';
import type { SystemdTemplate } from './template';
import type { Seat, SystemdHost } from './units';

/** The template of a unit that runs without Belay: as it is, and as it starts at boot. */
export async function foundTemplate(seat: Pick<Seat, 'unit' | 'state'>): Promise<SystemdTemplate> {
  const enabled = seat.state.enabled.startsWith('enabled');
  return {
    unit: seat.unit,
    directives: [],
    environment: {},
    found: { enabled, ports: await foundPorts(seat) },
  };
}

/** Ensures a record of a unit that runs without Belay, as it is before the first change. */
export async function foundRecord(host: SystemdHost, seat: Seat): Promise<UnitRecord> {
  const known = await unitRecord(host, seat.unit);
  if (known) return known;
  const template = await foundTemplate(seat);
  const { run, startedAt } = seat.state;
  const record = { name: seat.unit, unit: seat.unit, ports: template.found!.ports, template, run, startedAt };
  await writeUnitRecord(host, record);
  return { ...record, format: 1 };
}
