import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** What no revision keeps is gone. */
export const prune: Kind<StepOf<'prune'>> = {
  phase: 'moving',
  describe: ({ removal, service }) => `prune ${removal.platform}/${service}`,
};
