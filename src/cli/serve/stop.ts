import { BelayError } from '../../errors';
import { beganAt } from '../../hosts/workers';
import { poll } from '../../poll';
import type { ServeState } from './state';
import { cgroupOf, isInUnit, type Systemd } from './systemd';
import { managerIn, serveUnit } from './unit';

const every = 50;
const patience = 90_000;

/**
 * Stops a running `belay serve` and waits for its end; a unit is stopped through systemd, which would restart it.
 * Throws `input-invalid` if another user has to stop it, and `unexpected` if it does not end.
 */
export async function stopServe({ pid, began }: ServeState, systemd: Systemd): Promise<void> {
  if (isInUnit(pid, serveUnit)) await stopUnit(cgroupOf(pid), systemd);
  else signal(pid);
  if (await poll({ until: () => beganAt(pid) !== began, every, within: patience })) return;
  throw new BelayError('unexpected', `process ${pid} has not ended within ${patience / 1000} s`, {
    hint: `see what it does: ps -fp ${pid}`,
  });
}

/**
 * Each manager knows only its own units, and may have another one of that name. Throws `input-invalid` for another
 * user's.
 */
export async function stopUnit(cgroup: string, { system, control }: Systemd, own = process.getuid?.()): Promise<void> {
  const user = managerIn(cgroup);
  if (user === (system ? undefined : own)) return await control('stop', serveUnit.name);
  const whose = user === undefined ? 'the machine' : `user ${user}`;
  throw new BelayError(
    'input-invalid',
    `belay serve runs in ${serveUnit.name} of ${whose}, which is not yours to stop`,
    {
      hint:
        user === undefined
          ? `as root: systemctl stop ${serveUnit.name}`
          : `as that user: systemctl --user stop ${serveUnit.name}`,
    },
  );
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
