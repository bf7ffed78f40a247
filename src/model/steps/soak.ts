import type { StepOf } from '../plan';
import { timeText } from '../quantities';
import type { Kind } from './kind';

/** Time passes. */
export const soak: Kind<StepOf<'soak'>> = {
  phase: 'moving',
  decisive: true,
  describe: ({ time }) => `soak for ${timeText(time)}`,
};
