import { cancellationDetails } from '@temporalio/activity';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { InstanceRef, ValidateStep } from '../../src/model/plan';
import type { Runtime, RuntimeInstance } from '../../src/runtimes/runtime';
import { liveness } from './liveness';
import { targetOf } from './probe';
import { type Turn, takeTurn } from './turn';

const watchEvery = 500;

/** Tests each instance once, or watches until one fails or the step is cancelled. */
export const validate =
  (deps: Deps) =>
  (input: StepInput<ValidateStep>): Promise<StepResult> =>
    takeTurn(deps, input, (turn) => (input.step.smoke ? smoke(deps, input.step, turn) : watch(deps, input, turn)));

async function smoke(deps: Deps, { smoke: test, instances, title }: ValidateStep, turn: Turn): Promise<StepResult> {
  const { http, port, headers, status, timeout, proxied } = test!;
  for (const ref of instances) {
    const instance = await turn.find(ref);
    const check = { http, port, headers, status, timeout, proxied, every: 0, healthy: 1, within: 0, grace: 0 };
    const result = instance
      ? await deps.probe({ ...targetOf(instance, port), check, signal: turn.signal })
      : { healthy: false as const, why: 'it is gone' };
    if (!result.healthy) {
      throw new BelayError('smoke-failed', `smoke test ${title} of ${ref.name}: GET ${http}: ${result.why}`, {
        hint: 'fix the version, or the test in validate',
      });
    }
  }
  return { note: `${instances.length} of ${instances.length} passed` };
}

/**
 * Ensures that each instance, from its first look on, keeps running without a restart of the engine's own. One that
 * came back with the host, or by hand, has no such restart.
 */
async function watch(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const { instances } = input.step;
  const started = turn.memory;
  const live = liveness(deps, input, turn);
  const look = async () => {
    for (const ref of instances) {
      const found = await turn.find(ref);
      const before = started[ref.name];
      const isAgain = found !== undefined && found.startedAt !== before && found.restarts > 0;
      if (before !== undefined && (found?.state !== 'running' || isAgain))
        throw lost(await turn.runtimeAt(ref.revision), ref, found);
      if (found?.state !== 'running') continue;
      if (before !== undefined && found.startedAt !== before) live.restarted(ref);
      started[ref.name] = found.startedAt;
      await live.look(ref, found);
    }
    const up = instances.filter(({ name }) => started[name] !== undefined);
    turn.say([`${up.length} of ${instances.length} up`, ...live.failing()].join('; '));
  };
  try {
    return await turn.watch(Math.min(watchEvery, input.step.live?.every ?? watchEvery), look);
  } catch (error) {
    // The watched step is over. A worker that shuts down aborts too, and leaves the rest to another one.
    const isOver = turn.signal.aborted && cancellationDetails()?.cancelRequested;
    if (isOver && !(error instanceof BelayError)) return { note: 'all stayed up' };
    throw error;
  }
}

function lost(runtime: Runtime, { name }: InstanceRef, found?: RuntimeInstance): BelayError {
  const how = !found
    ? 'is gone'
    : found.state === 'running'
      ? `exited, and the engine started it again (restarts: ${found.restarts})`
      : `exited with code ${found.exitCode ?? 'unknown'}`;
  return new BelayError('instance-lost', `${name} was up and ${how}`, {
    hint: `see its log: ${runtime.logCommand(name)}`,
  });
}
