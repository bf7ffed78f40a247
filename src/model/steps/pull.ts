import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** The image is on the host. */
export const pull: Kind<StepOf<'pull'>> = {
  phase: 'preparing',
  timed: true,
  describe: ({ image }) => `pull ${image.ref}${image.local ? ' (only on this host)' : ''}`,
  longest: () => 30 * minute,
};
