import { artifactName, isOnlyHere } from '../artifact';
import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** The artifact is on the host. */
export const pull: Kind<StepOf<'pull'>> = {
  phase: 'preparing',
  timed: true,
  describe: ({ artifact }) => `pull ${artifactName(artifact)}${isOnlyHere(artifact) ? ' (only on this host)' : ''}`,
  longest: () => 30 * minute,
};
