import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** A proxy publishes a port of the host, or has given it back to Compose. */
export const publish: Kind<StepOf<'publish'>> = {
  phase: 'moving',
  decisive: true,
  describe: ({ lend, proxy, ports }) =>
    lend ? `return port ${ports.join(', ')} from proxy ${proxy}` : `publish port ${ports.join(', ')} on proxy ${proxy}`,
  summary: ({ lend, proxy, ports }) =>
    lend ? `return port ${ports.join(', ')} from ${proxy}` : `port ${ports.join(', ')} on ${proxy}`,
  // Leftovers of an interrupted attempt may have to finish first.
  longest: ({ drain }) => 2 * drain + 5 * minute,
};
