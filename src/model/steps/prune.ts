import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** The host has only what revisions need. */
export const prune: Kind<StepOf<'prune'>> = {
  phase: 'moving',
  describe: ({ removal, service }) => `prune ${removal.platform}/${service}`,
  summary: ({ removal, service }) => `${removal.platform}/${service}`,
};
