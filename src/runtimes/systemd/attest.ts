import { BelayError } from '../../errors';
import { digestOfFile } from '../../hosts/digest';
import type { UnitRecord } from '../../hosts/unit-records';
import { poll } from '../../poll';
import { failedStart } from './failed-start';
import { isWithin, placeOf, releasesOf } from './places';
import { executableOf, processesOf, startOfProcess } from './processes';
import type { SystemdTemplate } from './template';
import type { UnitState } from './unit-state';
import { type SystemdHost, showUnit } from './units';

interface Attested {
  record: UnitRecord;
  state: UnitState;
  /** The begin of the start, in milliseconds since 1970. */
  began: number;
  /** Set after a reload: the kernel's ticks at its begin. */
  since?: number;
}

/** The programs by which systemd becomes a service: until then a process runs one of them. */
const isSystemd = (path: string): boolean => /\/(systemd|systemd-executor)$/.test(path);

/** The longest time between fork and the start of the program, in milliseconds. */
const untilExec = 10_000;

/**
 * Throws `launch-failed` where the unit's main process does not run the revision: by the kernel's link to its program,
 * which tells the file itself, and by that file's checksum.
 */
export async function attest(host: SystemdHost, attested: Attested): Promise<void> {
  const { record, state, since } = attested;
  const { files } = record.template as SystemdTemplate;
  const running = await program(host, attested);
  if (since !== undefined) return await awaitGeneration(host, record, since);
  if (!files || running === undefined || !isWithin(running, releasesOf(files))) return;
  if (!isWithin(running, placeOf(files)))
    throw other(record, `runs ${running}, which is not of revision ${files.revision}`);
  const digest = await digestOfFile(`/proc/${state.pid}/exe`).catch(() => files.sha256);
  if (files.single && digest !== files.sha256)
    throw other(record, `runs ${running}, whose checksum is not that of revision ${files.revision}`);
}

/** Returns the path of the main process's program, once it is no longer systemd's own. */
async function program(host: SystemdHost, { record, state, began }: Attested): Promise<string | undefined> {
  const { pid, run } = state;
  if (pid === 0) return undefined;
  const looked = await poll({
    every: 5,
    within: untilExec,
    until: async () => {
      const path = await executableOf(pid);
      return path === undefined ? { path } : isSystemd(path) ? undefined : { path };
    },
  });
  if (looked?.path !== undefined) return looked.path;
  const now = await showUnit(host, record.unit);
  if (now.run === run && now.active === 'active' && now.pid === pid) return undefined;
  if (now.active === 'active' && now.pid !== 0 && now.run !== run) return undefined;
  if (now.result === 'success') return undefined;
  throw await failedStart(host, {
    name: record.name,
    state: now,
    why: 'its program ended at once',
    record,
    since: began,
  });
}

/** The longest time until a reload shows, in milliseconds. */
const untilRenewed = 5_000;

/** Waits until a process of the unit has begun since the reload, or runs the new files. */
async function awaitGeneration(host: SystemdHost, record: UnitRecord, since: number): Promise<void> {
  const seen = await poll({ every: 50, within: untilRenewed, until: () => isRenewed(host, record, since) });
  if (!seen) throw stale(record);
}

async function isRenewed(host: SystemdHost, record: UnitRecord, since: number): Promise<boolean> {
  const { type, cgroup, pid } = await showUnit(host, record.unit);
  // The one reload whose end systemd itself waits for.
  if (type === 'notify-reload') return true;
  const { files } = record.template as SystemdTemplate;
  const pids = await processesOf(cgroup);
  const paths = await Promise.all(pids.map(executableOf));
  if (files && paths.some((path) => path && isWithin(path, placeOf(files)))) return true;
  const starts = await Promise.all(pids.filter((one) => one !== pid).map(startOfProcess));
  return starts.some((start) => Number(start ?? -1) >= since);
}

const stale = ({ name, unit }: UnitRecord): BelayError =>
  new BelayError('launch-failed', `${name}: ${unit} was reloaded, and all of its processes are from before`, {
    hint: 'look what ExecReload= does, or leave reload out of the strategy: a restart renews every process',
  });

const other = ({ name, unit }: UnitRecord, what: string): BelayError =>
  new BelayError('launch-failed', `${name}: ${unit} ${what}`, {
    hint: 'let ExecStart= of the unit name the path in artifact.install',
  });
