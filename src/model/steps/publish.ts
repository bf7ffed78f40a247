import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** A port of the host belongs to a proxy, or to Compose again. */
export const publish: Kind<StepOf<'publish'>> = {
  phase: 'moving',
  decisive: true,
  describe: ({ lend, proxy, ports }) =>
    lend
      ? `let proxy ${proxy} give port ${ports.join(', ')} back`
      : `let proxy ${proxy} publish port ${ports.join(', ')}`,
  // Also what a step that was ended in the middle has left may have to finish first.
  longest: ({ drain }) => 2 * drain + 5 * minute,
};
