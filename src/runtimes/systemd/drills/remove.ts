import { type DrillUnit, removeDrillUnit } from '../../../hosts/drill-units';
import { poll } from '../../../poll';
import { hasUnitFile, jobUnitOf, jobUnitPath } from '../jobs/places';
import { removeWritten } from '../seating';
import { type SystemdHost, showUnit } from '../units';
import { removeKeeper } from './keeper';
import { removeOwnLink } from './link';
import { removeFolders } from './remove-folders';
import { send } from './send';
import { membersOf } from './state';

/** Longest wait for the ends of killed processes, in milliseconds. */
const ending = 5_000;

/**
 * Ensures that nothing of the instance is left. The record goes last: by it a second try finds the rest. Returns what
 * stays on purpose, in words.
 */
export async function takeDown(host: SystemdHost, record: DrillUnit): Promise<string[]> {
  const { name } = record;
  const unit = jobUnitOf(name);
  const { load } = await showUnit(host, unit);
  if (load === 'loaded') {
    await host.ctl.attempt(['kill', '--signal=SIGKILL', '--', unit]);
    await host.ctl.attempt(['stop', '--', unit]);
    await killLeft(host, name);
    await host.ctl.attempt(['reset-failed', '--', unit]);
  }
  const isThere = await hasUnitFile(name);
  await removeKeeper(host, name);
  await removeWritten(jobUnitPath(name));
  if (isThere) await host.ctl.ask(['daemon-reload']);
  await removeOwnLink(host, record);
  const left = await removeFolders(host, record);
  await removeDrillUnit(host, name);
  return left;
}

/** Processes that the stop of the unit has spared, and what these begin meanwhile. */
async function killLeft(host: SystemdHost, name: string): Promise<void> {
  await poll({
    every: 20,
    within: ending,
    until: async () => {
      const pids = await membersOf(host, name);
      for (const pid of pids) send(pid, 'SIGKILL');
      return pids.length === 0;
    },
  });
}
