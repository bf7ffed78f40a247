import { setTimeout as sleep } from 'node:timers/promises';
import { startOfProcess } from './processes';
import type { UnitState } from './unit-state';

/** Milliseconds between looks at a process, and at a unit without one. */
const [atProcess, atUnit] = [50, 500];

/**
 * Resolves once the unit's present run is over. The kernel is asked about the main process, and systemd about a unit
 * without one.
 * @param look returns the unit while it runs.
 */
export async function awaitEnd(look: () => Promise<UnitState | undefined>, signal: AbortSignal): Promise<void> {
  const first = await started(look, signal);
  if (!first) return;
  const { pid, run } = first;
  const start = pid === 0 ? undefined : await startOfProcess(pid);
  for (;;) {
    await pause(start === undefined ? atUnit : atProcess, signal);
    if (start !== undefined && (await startOfProcess(pid)) === start) continue;
    const now = await look();
    if (!now || now.run !== run || now.pid !== pid) return;
  }
}

/** The unit, once a start that waits for its turn has begun; undefined if it does not run. */
async function started(look: () => Promise<UnitState | undefined>, signal: AbortSignal) {
  for (;;) {
    const unit = await look();
    if (!unit?.isQueued) return unit;
    await pause(atUnit, signal);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
