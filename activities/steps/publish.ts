import type { Deps, StepInput, StepResult } from '../../src/host';
import type { PublishStep } from '../../src/model/plan';
import { bringFront } from './bring-front';
import { takeTurn } from './turn';

/** Ensures that a managed proxy publishes the planned ports of the host, or has released them. */
export const publish =
  (deps: Deps) =>
  (input: StepInput<PublishStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => await bringFront(deps, turn, input.step));
