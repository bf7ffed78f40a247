import type { StepOf } from '../plan';
import { timeText } from '../quantities';
import type { Kind } from './kind';

/** The soak time has passed. */
export const soak: Kind<StepOf<'soak'>> = {
  phase: 'moving',
  decisive: true,
  describe: ({ time }) => `soak for ${timeText(time)}`,
};
