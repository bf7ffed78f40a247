import type { Deps, StepInput, StepResult } from '../../src/host';
import type { SwitchStep } from '../../src/model/plan';
import { proxiesOf } from '../../src/observe/proxies';
import { setsOf } from '../../src/proxies/sets';
import { passing } from './swap';
import { takeTurn } from './turn';

/** All new requests go to the other set; each of its instances is healthy by the proxy's own check before. */
export const switchTo =
  (deps: Deps) =>
  (input: StepInput<SwitchStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const open = proxiesOf(deps, input);
      const { switches, instances } = input.step;
      await passing(turn, open, ...instances);
      for (const { proxy, key, to } of switches) {
        // Also where it leads there already: what outlasts a restart may not have been written.
        await turn.effect('switch.choose', () => setsOf(open(proxy), proxy).choose(key, to));
      }
      return {};
    });
