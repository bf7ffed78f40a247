import { BelayError } from '../../errors';
import type { UnitRecord } from '../../hosts/unit-records';
import { removeUnitTriggers, type UnitTriggers, unitTriggers, writeUnitTriggers } from '../../hosts/unit-triggers';
import type { SystemdTemplate } from './template';
import type { UnitState } from './unit-state';
import { type Seat, type SystemdHost, showUnits } from './units';

/** How a unit comes back by itself: at boot, and by its triggers, which are sockets, timers and paths. */

/**
 * Ensures that the boot starts the unit, and that its triggers do as before its last stop. A unit that was found starts
 * at boot if it did.
 */
export async function letComeBack(
  host: SystemdHost,
  { name, unit, template }: UnitRecord,
  before: Seat,
): Promise<void> {
  const { found } = template as SystemdTemplate;
  if (found && !found.enabled) await disableFound(host, before);
  else
    await enable(host, name, [unit]).catch((error: unknown) => {
      // It runs already, and nothing of it is changed.
      if (!before.isLive || before.occupant !== name) throw error;
    });
  await raiseTriggers(host, name, before);
}

/** Its section [Install] may name triggers (Also=), which stay as they are. */
async function disableFound(host: SystemdHost, { unit, state }: Seat): Promise<void> {
  if ((await enabledIn(host, [unit])).length === 0) return;
  const triggers = await enabledIn(host, state.triggers);
  await disable(host, [unit]);
  await enable(host, unit, triggers);
}

/** Starts the triggers that Belay has stopped, and those that have failed. One that people have stopped stays so. */
async function raiseTriggers(host: SystemdHost, name: string, before: Seat): Promise<void> {
  const { unit, isLive } = before;
  const { active, enabled } = await wantedTriggers(host, before);
  // systemd tells of a trigger only while it has it in memory.
  const triggers = await showUnits(host, [...new Set([...before.state.triggers, ...active])]);
  await enable(host, name, enabled);
  // It starts no socket whose service runs.
  const free = triggers.filter(({ id }) => !isLive || !id.endsWith('.socket'));
  const failed = idsOf(free.filter((one) => one.active === 'failed'));
  const idle = idsOf(free.filter((one) => one.active === 'inactive' && active.includes(one.id)));
  if (failed.length > 0) await host.ctl.ask(['reset-failed', '--', ...failed]);
  if (failed.length + idle.length > 0) await host.ctl.ask(['start', '--', ...failed, ...idle]);
  await removeUnitTriggers(host, unit);
}

/** The triggers as Belay has found them when it stopped the unit, or as the next boot would have them. */
async function wantedTriggers(host: SystemdHost, { unit, state, holder, isLive }: Seat): Promise<UnitTriggers> {
  const isTheirs = holder === undefined && isLive;
  const noted = isTheirs ? undefined : await unitTriggers(host, unit);
  const isFirst = holder === undefined && !isLive;
  return noted ?? { active: isFirst ? await enabledIn(host, state.triggers) : [], enabled: [] };
}

/** Ensures that neither the boot nor a trigger that starts with it starts the unit again, and notes what did. */
export async function keepDown(host: SystemdHost, { unit, state }: Seat): Promise<void> {
  const triggers = await showUnits(host, state.triggers);
  const enabled = await enabledIn(host, state.triggers);
  // A second try finds them stopped already.
  if (triggers.length > 0 && !(await unitTriggers(host, unit)))
    await writeUnitTriggers(host, unit, { active: idsOf(triggers.filter(isRaised)), enabled });
  await disable(host, [unit, ...enabled]);
}

const isRaised = ({ active }: UnitState): boolean => active !== 'inactive';

const idsOf = (states: UnitState[]): string[] => states.map(({ id }) => id);

/** The state of a unit that nothing else wants is forgotten with the next reload: none follows here. */
const quietly = ['--no-reload', '--quiet', '--'];

/** Of a unit without [Install] nothing is to be enabled: another one starts it. */
async function enable({ ctl }: SystemdHost, name: string, units: string[]): Promise<void> {
  if (units.length === 0) return;
  const { code, why } = await ctl.attempt(['enable', ...quietly, ...units]);
  if (code === 0) return;
  throw new BelayError('launch-failed', `${name}: ${units.join(', ')} would not start with the host: ${why}`, {
    hint: `look at [Install] of the unit; systemctl enable ${units.join(' ')} must work`,
  });
}

async function disable(host: SystemdHost, units: string[]): Promise<void> {
  const { code, why } = await host.ctl.attempt(['disable', ...quietly, ...units]);
  const still = code === 0 ? [] : await enabledIn(host, units);
  if (still.length === 0) return;
  throw new BelayError('launch-failed', `${still.join(', ')} would still start with the host: ${why}`, {
    hint: `systemctl disable ${still.join(' ')} must work`,
  });
}

/** The units that the boot starts. `systemctl show` may tell what was so before the last change. */
async function enabledIn({ ctl }: SystemdHost, units: string[]): Promise<string[]> {
  const states = await Promise.all(units.map((unit) => ctl.attempt(['is-enabled', '--', unit])));
  return units.filter((_, index) => states[index]!.output.trim() === 'enabled');
}
