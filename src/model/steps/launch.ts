import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** An instance is running. */
export const launch: Kind<StepOf<'launch'>> = {
  phase: 'moving',
  timed: true,
  describe: (step) => `launch ${launched(step)}`,
  summary: (step) => launched(step),
  facts: ({ instance }, { said }) => [[instance.name, said('starting', 'running, out of traffic')]],
};

const launched = ({ instance, baseline }: StepOf<'launch'>): string =>
  `${instance.name}${baseline ? ', the baseline' : ''}`;
