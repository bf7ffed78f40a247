import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** The host has nothing left of a service. */
export const drop: Kind<StepOf<'drop'>> = {
  phase: 'moving',
  describe: ({ service }) => `remove artifacts, logs and ledger of ${service}`,
  summary: ({ service }) => `artifacts, logs and ledger of ${service}`,
};
