import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { BelayError } from '../../errors';
import type { Context } from '../context';
import { dropUnit, putUnit, type Systemd } from './systemd';
import type { BelayUnit } from './unit';

interface Installation {
  systemd: Systemd;
  unit: BelayUnit;
  text: string;
  /** The command that the unit runs: `belay serve`. */
  command: string;
}

/** Ensures that the unit starts with the machine, and has started. Throws `input-invalid` without systemd. */
export async function installUnit(
  { terminal }: Context,
  { systemd, unit, text, command }: Installation,
): Promise<void> {
  if (!systemd.runs) {
    terminal.out(text);
    throw noSystemd(command);
  }
  const path = await putUnit(systemd, unit, text);
  terminal.error(`${path}: starts with the machine`);
  if (!systemd.system && !isLingering()) terminal.error('  → loginctl enable-linger: else it starts when you log in');
}

/** Ensures that the unit is gone. Returns its path; undefined if there was none. Throws `input-invalid` without systemd. */
export async function removeUnit(
  { terminal }: Context,
  { systemd, unit, command }: Omit<Installation, 'text'>,
): Promise<string | undefined> {
  if (!systemd.runs) throw noSystemd(command);
  const path = await dropUnit(systemd, unit);
  terminal.error(path ? `${path} is gone; the history of releases stays` : `no ${unit.name} is installed`);
  return path;
}

/** Returns the command that shows the last lines of a unit. */
export const journalOf = ({ system }: Systemd, { name }: BelayUnit): string =>
  `journalctl ${system ? '-u' : '--user -u'} ${name} -n 30`;

const isLingering = (): boolean => existsSync(join('/var/lib/systemd/linger', userInfo().username));

const noSystemd = (command: string): BelayError =>
  new BelayError('input-invalid', 'systemd does not run here, and nothing was written or removed', {
    hint: `make the service manager of this machine run ${command}, with the command and environment of ${command} --install --dry-run`,
  });
