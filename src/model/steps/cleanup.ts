import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** Images and logs that no kept revision needs are removed. */
export const cleanup: Kind<StepOf<'cleanup'>> = {
  phase: 'concluding',
  skippable: true,
  describe: ({ keep }) => `clean up, keep ${keep} revisions`,
  summary: ({ service, keep }) => `${service}, keep ${keep} revisions`,
};
