import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** An approver lets the release pass. */
export const approve: Kind<StepOf<'approve'>> = {
  phase: 'moving',
  decisive: true,
  describe: () => 'wait for approval',
};
