import type { Deps, StepInput, StepResult } from '../../src/host';
import type { WeighStep } from '../../src/model/plan';
import { placesOf, proxiesOf } from '../../src/observe/proxies';
import type { Proxy, Share } from '../../src/proxies/proxy';
import { takeTurn } from './turn';

/** Gives each instance the share of its weight among the servers of its backends, by one change of each proxy. */
export const weigh =
  (deps: Deps) =>
  (input: StepInput<WeighStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const open = proxiesOf(deps, input);
      const { weights } = input.step;
      const shares = new Map<Proxy, Share[]>();
      for (const { instance, proxy, slot, server } of await placesOf(open, ...weights.map((one) => one.instance))) {
        const { weight, chosen } = weights.find((one) => one.instance === instance)!;
        const share = { backend: slot.backend, server: slot.server, weight, chosen };
        // A change of the choice that a death has cut may have left a part of it.
        if (server.weight !== weight || server.chosen || chosen)
          shares.set(proxy, [...(shares.get(proxy) ?? []), share]);
      }
      for (const [proxy, own] of shares) await turn.effect('weigh.share', () => proxy.weigh(own));
      return {};
    });
