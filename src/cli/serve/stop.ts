import { setTimeout as pause } from 'node:timers/promises';
import { BelayError } from '../../errors';
import { beganAt } from '../../hosts/workers';
import type { ServeState } from './state';
import { isInUnit, systemdHere } from './systemd';
import { unitName } from './unit';

const every = 50;
const patience = 90_000;

/** Asks a running `belay serve` to end and waits until it has; a unit's is asked for through systemd, which would start it again. Throws `unexpected` when it does not. */
export async function stopServe({ pid, began }: ServeState): Promise<void> {
  if (isInUnit(pid)) await systemdHere(process.env).control('stop', unitName);
  else signal(pid);
  const deadline = Date.now() + patience;
  while (beganAt(pid) === began) {
    if (Date.now() > deadline)
      throw new BelayError('unexpected', `process ${pid} has not ended within ${patience / 1000} s`, {
        hint: `see what it does: ps -fp ${pid}`,
      });
    await pause(every);
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new BelayError('input-invalid', `process ${pid} is not yours to stop`, {
      hint: 'run this as the user that started it',
      cause,
    });
  }
}
