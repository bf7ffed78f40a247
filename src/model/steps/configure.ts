import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** The resolved configuration of the revision stands in the ledger. */
export const configure: Kind<StepOf<'configure'>> = {
  phase: 'preparing',
  describe({ remove, revision, kept }) {
    if (remove) return `remove the configuration of revision ${revision}`;
    return kept === undefined
      ? `write the configuration of revision ${revision}`
      : `take the configuration of revision ${kept} again`;
  },
};
