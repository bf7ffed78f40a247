import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** The ledger holds the resolved configuration of the revision. */
export const configure: Kind<StepOf<'configure'>> = {
  phase: 'preparing',
  describe({ remove, revision, kept }) {
    if (remove) return `remove the configuration of revision ${revision}`;
    return kept === undefined
      ? `write the configuration of revision ${revision}`
      : `restore the configuration of revision ${kept}`;
  },
  summary({ service, remove, revision, kept }) {
    if (remove) return `${service}, remove revision ${revision}`;
    return kept === undefined ? `${service}, revision ${revision}` : `${service}, back to revision ${kept}`;
  },
};
