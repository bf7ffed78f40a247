import type { Deps, StepInput, StepResult } from '../../src/host';
import type { PublishStep } from '../../src/model/plan';
import { ensureFront } from './bring-front';
import { takeTurn } from './turn';

/** Ensures that a managed proxy publishes the planned ports of the host, or has released them. */
export const publish =
  (deps: Deps) =>
  (input: StepInput<PublishStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => await ensureFront(deps, turn, input.step));
