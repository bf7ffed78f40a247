import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** An instance that was halted runs again. */
export const resume: Kind<StepOf<'resume'>> = {
  phase: 'moving',
  describe: ({ instance }) => `start ${instance.name} again`,
  summary: ({ instance }) => instance.name,
  longest: ({ stop }) => stop.grace + 2 * minute,
  facts: ({ instance }, { said }) => [[instance.name, said('starting', 'runs again')]],
};
