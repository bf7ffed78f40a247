import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** A proxy publishes a port of the host, or has given it back to Compose. */
export const publish: Kind<StepOf<'publish'>> = {
  phase: 'moving',
  decisive: true,
  describe: ({ lend, proxy, ports }) =>
    lend
      ? `let proxy ${proxy} give port ${ports.join(', ')} back`
      : `let proxy ${proxy} publish port ${ports.join(', ')}`,
  // Leftovers of an interrupted attempt may have to finish first.
  longest: ({ drain }) => 2 * drain + 5 * minute,
};
