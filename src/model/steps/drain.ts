import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** An instance has no request in flight any more. */
export const drain: Kind<StepOf<'drain'>> = {
  phase: 'moving',
  skippable: true,
  timed: true,
  describe: ({ leaders, instance }) => (leaders ? `drain ${instance.name} at the proxy` : `drain ${instance.name}`),
  longest: ({ deadline }) => deadline + minute,
  facts: ({ instance, leaders }, { said, noted }) => [
    [instance.name, said(noted('draining'), noted(leaders ? 'drained at the proxy' : 'drained'))],
  ],
};
