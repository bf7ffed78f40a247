import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BelayError } from '../../errors';
import { readText, writeAtomic } from '../../hosts/file';
import { runProgram } from '../../run-program';
import { type BelayUnit, unitIn } from './unit';

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
export async function putUnit(systemd: Systemd, unit: BelayUnit, text: string): Promise<string> {
  const path = join(systemd.folder, unit.name);
  await refuseOther(path, unit);
  await writeAtomic({ path, data: text, mode: 0o644 });
  await systemd.control('daemon-reload');
  await systemd.control('enable', unit.name);
  await systemd.control('restart', unit.name);
  return path;
}

/**
 * Stops and removes the unit; returns undefined if there was none. Throws `input-invalid` for a unit that Belay has not
 * written.
 */
export async function dropUnit(systemd: Systemd, unit: BelayUnit): Promise<string | undefined> {
  const path = join(systemd.folder, unit.name);
  if (!existsSync(path)) return undefined;
  await refuseOther(path, unit);
  await systemd.control('disable', '--now', unit.name);
  await rm(path, { force: true });
  await systemd.control('daemon-reload');
  return path;
}

/** Tells if a process runs in the unit: systemd would restart it after a stop by its pid. */
export const isInUnit = (pid: number, { name }: BelayUnit): boolean => unitIn(cgroupOf(pid)) === name;

/** Returns the control group from the kernel; empty for an ended process. */
export function cgroupOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}

async function refuseOther(path: string, { name, mark }: BelayUnit): Promise<void> {
  const text = await readText(path);
  if (text === undefined || text.startsWith(mark)) return;
  throw new BelayError('input-invalid', `${path} is there, and Belay has not written it`, {
    hint: `see what it is (systemctl cat ${name}); remove it, or keep it and leave --install out`,
  });
}

async function systemctl(args: string[]): Promise<void> {
  const { code, why } = await runProgram({ command: 'systemctl', args, timeout: 120_000 });
  if (code === 0) return;
  throw new BelayError('input-invalid', `systemctl ${args.join(' ')}: ${why}`, {
    hint: 'fix that and run it again; systemctl status belay belay-worker tells more',
  });
}
