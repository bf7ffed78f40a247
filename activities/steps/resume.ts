import type { Deps, StepInput, StepResult } from '../../src/host';
import { isStopping } from '../../src/hosts/stops';
import type { ResumeStep } from '../../src/model/plan';
import { letHalt } from './halt';
import { takeTurn } from './turn';

/** Ensures that the instance runs again, out of traffic. One that was asked to stop ends first: it would not stay. */
export const resume =
  (deps: Deps) =>
  (input: StepInput<ResumeStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { name, revision } = input.step.instance;
      if (await isStopping(deps, name)) await letHalt(deps, turn, input.step);
      const runtime = await turn.runtimeAt(revision);
      await turn.effect('launch.start', () => runtime.start(name, turn.signal));
      return {};
    });
