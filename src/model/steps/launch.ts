import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** An instance is running. */
export const launch: Kind<StepOf<'launch'>> = {
  phase: 'moving',
  timed: true,
  describe: ({ instance }) => `launch ${instance.name}`,
  facts: ({ instance }, { said }) => [[instance.name, said('starting', 'running, out of traffic')]],
};
