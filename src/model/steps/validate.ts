import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** A smoke test passes, or the new instances stay up. */
export const validate: Kind<StepOf<'validate'>> = {
  phase: 'moving',
  decisive: true,
  skippable: true,
  describe: ({ title }) => `validate: ${title}`,
  longest: ({ until }) => (until ? 30 * 24 * 60 : 5) * minute,
};
