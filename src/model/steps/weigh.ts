import type { StepOf } from '../plan';
import { inTraffic, type Kind } from './kind';

/** Each instance takes its share of the traffic. */
export const weigh: Kind<StepOf<'weigh'>> = {
  phase: 'moving',
  decisive: true,
  describe: ({ share }) =>
    share === undefined
      ? 'give every instance the same share again'
      : `send ${(share * 100).toFixed(1)} % of the traffic to the new version`,
  facts: ({ weights }, { said }) =>
    weights.map(({ instance, weight }) => [instance.name, said('its share changes', inTraffic(weight))]),
};
