import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** An instance is ready by its own check. */
export const probe: Kind<StepOf<'probe'>> = {
  phase: 'moving',
  entering: true,
  timed: true,
  describe: ({ of, instance }) => (of ? `probe ${instance.name}, which depends on it` : `probe ${instance.name}`),
  longest: ({ check }) => (check ? check.within + check.grace : minute) + minute,
  facts: ({ of, instance }, { said, noted }) =>
    of ? [] : [[instance.name, said(noted('probed'), 'ready, out of traffic')]],
};
