import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** An instance has no request in flight any more. */
export const drain: Kind<StepOf<'drain'>> = {
  phase: 'moving',
  skippable: true,
  timed: true,
  describe: (step) => `drain ${drained(step)}`,
  summary: (step) => drained(step),
  longest: ({ deadline }) => deadline + minute,
  facts: ({ instance, leaders }, { said, noted }) => [
    [instance.name, said(noted('draining'), noted(leaders ? 'drained at the proxy' : 'drained'))],
  ],
};

const drained = ({ leaders, instance }: StepOf<'drain'>): string =>
  leaders ? `${instance.name} at the proxy` : instance.name;
