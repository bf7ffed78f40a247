import type { Deps, StepInput, StepResult } from '../../src/host';
import type { PublishStep } from '../../src/model/plan';
import { bringFront } from './bring-front';
import { takeTurn } from './turn';

/** A proxy of Belay's own has the ports of the host that it is to have, or has given them back. */
export const publish =
  (deps: Deps) =>
  (input: StepInput<PublishStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => await bringFront(deps, turn, input.step));
