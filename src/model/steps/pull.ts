import { artifactName, isOnlyHere } from '../artifact';
import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** The artifact is on the host. */
export const pull: Kind<StepOf<'pull'>> = {
  phase: 'preparing',
  timed: true,
  describe: (step) => `pull ${pulled(step)}`,
  summary: (step) => `${step.service}: ${pulled(step)}`,
  longest: () => 30 * minute,
};

const pulled = ({ artifact }: StepOf<'pull'>): string =>
  `${artifactName(artifact)}${isOnlyHere(artifact) ? ' (only on this host)' : ''}`;
