import type { StepOf } from '../plan';
import { inTraffic, type Kind } from './kind';

/** Each instance takes its share of the traffic. */
export const weigh: Kind<StepOf<'weigh'>> = {
  phase: 'moving',
  decisive: true,
  describe: ({ share, clients, weights }) => {
    if (share !== undefined) return `send ${trafficOf({ share, clients })} to the new version`;
    const isFormer = !clients && weights.some(({ weight, chosen }) => weight !== undefined || chosen);
    if (isFormer) return 'give every instance the share that it had before';
    return `give every instance the same share again${clients ? `, and keep ${clients} where they are` : ''}`;
  },
  facts: ({ weights }, { said }) =>
    weights.map(({ instance, ...share }) => [instance.name, said('its share changes', inTraffic(share))]),
};

/** Returns what the new version takes, in words: `clients with cookie beta and 10.0 % of the other traffic`. */
export function trafficOf({ share, clients }: { share: number; clients?: string }): string {
  const percent = `${(share * 100).toFixed(1)} % of the`;
  if (!clients) return `${percent} traffic`;
  return share > 0 ? `${clients} and ${percent} other traffic` : clients;
}
