import type { StepOf } from '../plan';
import { inTraffic, type Kind } from './kind';

/** Each instance takes its share of the traffic. */
export const weigh: Kind<StepOf<'weigh'>> = {
  phase: 'moving',
  decisive: true,
  describe: ({ share, clients }) => {
    if (share === undefined) return 'give every instance the same share again';
    const others = share > 0 ? [`${(share * 100).toFixed(1)} % of the ${clients ? 'other ' : ''}traffic`] : [];
    return `send ${[...(clients ? [clients] : []), ...others].join(' and ')} to the new version`;
  },
  facts: ({ weights }, { said }) =>
    weights.map(({ instance, ...share }) => [instance.name, said('its share changes', inTraffic(share))]),
};
