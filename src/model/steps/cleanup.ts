import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** What no kept revision needs is gone. */
export const cleanup: Kind<StepOf<'cleanup'>> = {
  phase: 'concluding',
  skippable: true,
  describe: ({ keep }) => `clean up, keep ${keep} revisions`,
};
