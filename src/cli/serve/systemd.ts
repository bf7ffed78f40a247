import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BelayError } from '../../errors';
import { readText, writeAtomic } from '../../hosts/file';
import { runProgram } from '../../run-program';
import { unitIn, unitMark, unitName } from './unit';

/** Service manager that starts Belay: the machine's for root, else the user's own. */
export interface Systemd {
  system: boolean;
  /** True if systemd manages this machine. */
  runs: boolean;
  /** Folder of its units. */
  folder: string;
  /** Runs systemctl. Throws `input-invalid` with its own words. */
  control(...args: string[]): Promise<void>;
}

/** Exists while systemd manages the machine. */
export const systemdMark = '/run/systemd/system';
export const systemUnits = '/etc/systemd/system';
/** Returns the folder of a user's own manager. */
export const userUnits = (env: NodeJS.ProcessEnv): string =>
  join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'systemd', 'user');

export function systemdHere(env: NodeJS.ProcessEnv, uid = process.getuid?.()): Systemd {
  const system = uid === 0;
  return {
    system,
    runs: existsSync(systemdMark),
    folder: system ? systemUnits : userUnits(env),
    control: (...args) => systemctl(system ? args : ['--user', ...args]),
  };
}

/**
 * Ensures that the unit is written, starts with the machine, and runs in this version. Throws `input-invalid` for a
 * unit that Belay has not written.
 */
export async function putUnit(systemd: Systemd, text: string): Promise<string> {
  const path = join(systemd.folder, unitName);
  await refuseOther(path);
  await writeAtomic({ path, data: text, mode: 0o644 });
  await systemd.control('daemon-reload');
  await systemd.control('enable', unitName);
  await systemd.control('restart', unitName);
  return path;
}

/**
 * Stops and removes the unit; returns undefined if there was none. Throws `input-invalid` for a unit that Belay has not
 * written.
 */
export async function dropUnit(systemd: Systemd): Promise<string | undefined> {
  const path = join(systemd.folder, unitName);
  if (!existsSync(path)) return undefined;
  await refuseOther(path);
  await systemd.control('disable', '--now', unitName);
  await rm(path, { force: true });
  await systemd.control('daemon-reload');
  return path;
}

/** Tells if a process runs in the unit: systemd would restart it after a stop by its pid. */
export const isInUnit = (pid: number): boolean => unitIn(cgroupOf(pid)) === unitName;

/** Returns the control group from the kernel; empty for an ended process. */
export function cgroupOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}

async function refuseOther(path: string): Promise<void> {
  const text = await readText(path);
  if (text === undefined || text.startsWith(unitMark)) return;
  throw new BelayError('input-invalid', `${path} is there, and Belay has not written it`, {
    hint: `see what it is (systemctl cat ${unitName}); remove it, or keep it and leave --install out`,
  });
}

async function systemctl(args: string[]): Promise<void> {
  const { code, why } = await runProgram({ command: 'systemctl', args, timeout: 120_000 });
  if (code === 0) return;
  throw new BelayError('input-invalid', `systemctl ${args.join(' ')}: ${why}`, {
    hint: `fix that and run it again; systemctl status ${unitName} tells more`,
  });
}
