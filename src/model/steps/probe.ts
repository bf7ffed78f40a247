import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** An instance is ready by its own check. */
export const probe: Kind<StepOf<'probe'>> = {
  phase: 'moving',
  entering: true,
  timed: true,
  describe: (step) => `probe ${probed(step)}`,
  summary: (step) => probed(step),
  longest: ({ check }) => (check ? check.within + check.grace : minute) + minute,
  facts: ({ of, instance }, { said, noted }) =>
    of ? [] : [[instance.name, said(noted('probed'), 'ready, out of traffic')]],
};

const probed = ({ of, instance }: StepOf<'probe'>): string =>
  of ? `${instance.name}, which depends on it` : instance.name;
