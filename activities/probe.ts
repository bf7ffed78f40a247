import { BelayError } from '../src/errors';
import type { ProbeResult } from '../src/probes/probe';
import type { RuntimeInstance } from '../src/runtimes/runtime';
import type { DesiredCheck } from '../src/spec/desired';
import type { InstanceRef, ProbeStep } from '../src/spec/plan';
import type { Deps, StepInput, StepResult } from './deps';
import { type Turn, takeTurn } from './turn';

const tailLines = 12;

/**
 * The instance was ready `healthy` times in a row, asked at its own address. One that exits fails at once; failures count
 * against `within` once the grace is over.
 */
export const probe =
  (deps: Deps) =>
  (input: StepInput<ProbeStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { instance, check } = input.step;
      if (!check) {
        await running(deps, turn, instance);
        return { note: 'running; no readiness check is given' };
      }
      let successes = 0;
      let last: ProbeResult | undefined;
      let first: RuntimeInstance | undefined;
      return await turn.until(check.every, async () => {
        const found = await running(deps, turn, instance);
        first ??= found;
        if (found.startedAt !== first.startedAt)
          throw await exited(deps, instance.name, await restarted(deps, instance.name));
        last = await deps.probe({ instance: found, check, signal: turn.signal });
        successes = last.healthy ? successes + 1 : 0;
        turn.say(last.healthy ? `${successes} of ${check.healthy} in a row` : last.why);
        if (successes >= check.healthy) return { note: `ready after ${(turn.elapsed() / 1000).toFixed(1)} s` };
        if (turn.elapsed() > check.grace + check.within) throw await notReady(deps, { instance, check, last });
        return undefined;
      });
    });

/** Throws `instance-exited` with exit code and the masked end of the log. */
export async function running(deps: Deps, { find }: Turn, ref: InstanceRef): Promise<RuntimeInstance> {
  const found = await find(ref);
  if (found?.state === 'running') return found;
  throw await exited(deps, ref.name, found ? `exited with code ${found.exitCode ?? 'unknown'}` : 'is gone');
}

async function restarted({ runtime }: Deps, name: string): Promise<string> {
  const code = await runtime.lastExit(name).catch(() => undefined);
  return `exited with code ${code ?? 'unknown'}, and the engine started it again`;
}

async function exited(deps: Deps, name: string, how: string): Promise<BelayError> {
  const tail = await logTail(deps, name);
  return new BelayError('instance-exited', `${name} ${how}${tail}`, { hint: `the whole log: docker logs ${name}` });
}

interface Unready {
  instance: InstanceRef;
  check: DesiredCheck;
  last: ProbeResult;
}

async function notReady(deps: Deps, { instance, check, last }: Unready): Promise<BelayError> {
  const why = last.healthy ? 'it did not stay ready' : last.why;
  const tail = await logTail(deps, instance.name);
  return new BelayError('not-ready', `${instance.name} was not ready within ${check.within / 1000} s: ${why}${tail}`, {
    hint: 'look at the readiness check (health.ready) and at what the instance waits for',
  });
}

async function logTail(deps: Deps, name: string): Promise<string> {
  const text = await deps.runtime.logTail(name, tailLines).catch(() => '');
  const masked = deps.masker.mask(text.trim()).slice(-1500);
  return masked ? `; its last lines: ${masked}` : '';
}
