import type { Deps, StepInput, StepResult } from '../../src/host';
import type { SwitchStep } from '../../src/model/plan';
import { proxiesOf } from '../../src/observe/proxies';
import { setsOf } from '../../src/proxies/sets';
import { passing } from './swap';
import { takeTurn } from './turn';

/** Sends all new requests to the other set, after each of its instances has passed the proxy's own check. */
export const switchTo =
  (deps: Deps) =>
  (input: StepInput<SwitchStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const open = proxiesOf(deps, input);
      const { switches, instances } = input.step;
      await passing(turn, open, ...instances);
      for (const { proxy, key, to } of switches) {
        // Repeat it even if the switch is done: the file that survives a restart may be missing.
        await turn.effect('switch.choose', () => setsOf(open(proxy), proxy).choose(key, to));
      }
      return {};
    });
