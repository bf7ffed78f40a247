import type { StepOf } from '../plan';
import { span } from '../quantities';
import type { Kind } from './kind';

/** A workflow of its own goes on measuring. */
export const later: Kind<StepOf<'later'>> = {
  phase: 'concluding',
  describe: ({ tests }) =>
    `go on measuring ${tests.map(({ name, later: time = 0 }) => `${name} for ${span(time)}`).join(', ')}`,
};
