import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** A person says yes. */
export const approve: Kind<StepOf<'approve'>> = {
  phase: 'moving',
  decisive: true,
  describe: () => 'wait for approval',
};
