import { BelayError } from '../../errors';
import type { Systemctl } from './systemctl';

/** Throws `engine-unreachable` without systemd, and while the host shuts down: it goes on after the boot. */
export async function refuseShutdown(ctl: Systemctl): Promise<void> {
  const state = (await ctl.ask(['show', '--value', '-p', 'SystemState'])).trim();
  if (state === 'stopping') throw new BelayError('engine-unreachable', 'this host is shutting down');
}
