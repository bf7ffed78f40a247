import type { Deps, StepInput, StepResult } from '../../src/host';
import type { WeighStep } from '../../src/model/plan';
import { placesOf, proxiesOf } from '../../src/observe/proxies';
import { takeTurn } from './turn';

/** Gives each instance the share of its weight among the servers of its backends. */
export const weigh =
  (deps: Deps) =>
  (input: StepInput<WeighStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const open = proxiesOf(deps, input);
      const { weights } = input.step;
      for (const { instance, proxy, slot, server } of await placesOf(open, ...weights.map((one) => one.instance))) {
        const { weight } = weights.find((one) => one.instance === instance)!;
        if (server.weight !== weight) await turn.effect('weigh.share', () => proxy.weigh(slot, weight));
      }
      return {};
    });
