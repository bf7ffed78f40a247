import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** An instance is running. */
export const launch: Kind<StepOf<'launch'>> = {
  phase: 'moving',
  timed: true,
  describe: ({ instance, baseline }) => `launch ${instance.name}${baseline ? ', the baseline' : ''}`,
  facts: ({ instance }, { said }) => [[instance.name, said('starting', 'running, out of traffic')]],
};
