import type { DrilledInstance, Footprint } from '../../drills';
import { jobUnitOf } from '../jobs/places';
import { portsOf, processesOf } from '../processes';
import { parseProperties } from '../properties';
import { timespan } from '../timespan';
import type { UnitState } from '../unit-state';
import { type SystemdHost, showUnit } from '../units';

/** How the unit of a drill stops. */
interface StopFacts extends Pick<DrilledInstance, 'killsAfter' | 'orphans'> {
  slice: string;
}

/** What systemd does with processes of the unit beside the main one, by KillMode=. */
const orphansBy: Record<string, DrilledInstance['orphans']> = {
  'control-group': 'stopped',
  process: 'left',
  none: 'left',
};

export async function stopFacts({ ctl }: SystemdHost, name: string): Promise<StopFacts> {
  const asked = ['KillMode', 'SendSIGKILL', 'TimeoutStopUSec', 'Slice'].flatMap((one) => ['-p', one]);
  const [found = {}] = parseProperties(await ctl.ask(['show', ...asked, '--', jobUnitOf(name)]));
  const text = (property: string) => found[property]?.[0] ?? '';
  const time = text('SendSIGKILL') === 'yes' ? timespan(text('TimeoutStopUSec')) : undefined;
  const orphans = orphansBy[text('KillMode')];
  return {
    ...(time !== undefined && Number.isFinite(time) && { killsAfter: time }),
    ...(orphans && { orphans }),
    slice: text('Slice'),
  };
}

/**
 * The processes of the unit, also once it has ended: systemd no longer tells its control group then, which stays in its
 * slice while a process is in it.
 */
export async function membersOf(host: SystemdHost, name: string): Promise<number[]> {
  const { slice } = await stopFacts(host, name);
  const { cgroup } = await showUnit(host, slice);
  return cgroup === '' ? [] : await processesOf(`${cgroup}/${jobUnitOf(name)}`);
}

export async function footprintOf(host: SystemdHost, name: string): Promise<Footprint> {
  const pids = await membersOf(host, name);
  return { pids, ports: await portsOf(pids) };
}

export const isUp = ({ active, isQueued }: UnitState): boolean => isQueued || !['inactive', 'failed'].includes(active);
