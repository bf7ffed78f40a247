import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** An instance has stopped, and stays for a later start. */
export const halt: Kind<StepOf<'halt'>> = {
  phase: 'moving',
  describe: ({ instance }) => `stop ${instance.name}`,
  summary: ({ instance }) => instance.name,
  longest: ({ stop }) => stop.grace + 2 * minute,
  facts: ({ instance }, { said, noted }) => [[instance.name, said('stopping', noted('stopped'))]],
};
