import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** An instance has stopped and is removed. */
export const retire: Kind<StepOf<'retire'>> = {
  phase: 'moving',
  decisive: true,
  timed: true,
  describe: ({ instance }) => `retire ${instance.name}`,
  summary: ({ instance }) => instance.name,
  longest: ({ stop }) => stop.grace + 2 * minute,
  facts: ({ instance }, { said, noted }) => [[instance.name, said('stopping', noted('gone'))]],
};
