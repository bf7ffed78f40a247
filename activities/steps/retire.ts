import type { Deps, StepInput, StepResult } from '../../src/host';
import { endDrain } from '../../src/hosts/drains';
import { endStop, isStopping } from '../../src/hosts/stops';
import type { RetireStep } from '../../src/model/plan';
import { placesOf, proxiesOf } from '../../src/observe/proxies';
import type { RuntimeInstance } from '../../src/runtimes/runtime';
import { measureForcedKill } from '../measures';
import { keepLog } from './kept-log';
import { askToStop, stoppingText, untilEnded } from './stopping';
import { type Turn, takeTurn } from './turn';

/**
 * Stops the instance gracefully and removes it: signal, grace, and kill only then. Records how it ended, and keeps its
 * log on the host. Its servers are taken out first: the engine may give its address to the next instance.
 */
export const retire =
  (deps: Deps) =>
  (input: StepInput<RetireStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { instance } = input.step;
      const open = proxiesOf(deps, input);
      for (const { proxy, slot, server } of await placesOf(open, instance)) {
        if (server.state !== 'maint') await turn.effect('drain.remove', () => proxy.remove(slot));
      }
      const found = await turn.find(instance);
      if (!found) {
        await endStop(deps, instance.name);
        return { note: 'was already removed' };
      }
      const note =
        found.state === 'running' || (await isStopping(deps, instance.name))
          ? await stop(deps, input, { turn, found })
          : `had exited with ${found.exitCode ?? 'an unknown code'}`;
      const runtime = await turn.runtimeAt(instance.revision);
      const lost = await keepLog(deps, runtime, instance.name);
      await turn.effect('retire.remove', () => runtime.remove(instance.name));
      await endStop(deps, instance.name);
      await endDrain({ home: deps.home, instance: instance.name });
      return { note: [note, ...lost].join('; ') };
    });

async function stop(
  deps: Deps,
  { step }: StepInput<RetireStep>,
  { turn, found }: { turn: Turn; found: RuntimeInstance },
): Promise<string> {
  const { name, revision } = step.instance;
  const askedAt = await askToStop(deps, turn, {
    runtime: await turn.runtimeAt(revision),
    found,
    ...step.stop,
    named: step.named,
  });
  const passed = () => Date.now() - askedAt;
  const { exitCode, killed } = await untilEnded(turn, {
    instance: step.instance,
    left: () => step.stop.grace - passed(),
    words: () => stoppingText(step.stop),
  });
  const seconds = passed() / 1000;
  if (killed) measureForcedKill(turn.token);
  if (await turn.ledger.revision(revision))
    await turn.effect('retire.record', () =>
      turn.ledger.recordResult(revision, { instance: name, exitCode, seconds, killed }),
    );
  return `exit ${exitCode ?? 'unknown'} after ${seconds.toFixed(1)} s${killed ? ', had to be killed' : ''}`;
}
