import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** Nothing of a service is left on the host. */
export const drop: Kind<StepOf<'drop'>> = {
  phase: 'moving',
  describe: ({ service }) => `remove images, logs and ledger of ${service}`,
};
