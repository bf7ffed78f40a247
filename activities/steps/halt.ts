import type { Deps, StepInput, StepResult } from '../../src/host';
import { endStop, isStopping } from '../../src/hosts/stops';
import type { HaltStep } from '../../src/model/plan';
import { measureForcedKill } from '../measures';
import { askToStop, stoppingText, untilEnded } from './stopping';
import { type Turn, takeTurn } from './turn';

/** Stops the instance gracefully, and leaves it for a later start: signal, grace, and kill only then. */
export const halt =
  (deps: Deps) =>
  (input: StepInput<HaltStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => ({ note: await letHalt(deps, turn, input.step) }));

/** Ensures that the instance does not run. Returns how it ended, in words. */
export async function letHalt(
  deps: Deps,
  turn: Turn,
  { instance, stop }: Pick<HaltStep, 'instance' | 'stop'>,
): Promise<string> {
  const { name, revision } = instance;
  const found = await turn.find(instance);
  const isAsked = await isStopping(deps, name);
  if (!found || (found.state !== 'running' && !isAsked)) return found ? 'does not run' : 'is not there';
  const runtime = await turn.runtimeAt(revision);
  const askedAt = await askToStop(deps, turn, { runtime, found, ...stop, again: true });
  const passed = () => Date.now() - askedAt;
  const { exitCode, killed } = await untilEnded(turn, {
    instance,
    left: () => stop.grace - passed(),
    words: () => stoppingText(stop),
    again: true,
  });
  if (killed) measureForcedKill(turn.token);
  await endStop(deps, name);
  return `exit ${exitCode ?? 'unknown'} after ${(passed() / 1000).toFixed(1)} s${killed ? ', had to be killed' : ''}`;
}
