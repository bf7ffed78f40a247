import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** The release has claimed the service, and the ledger has the new revision. */
export const claim: Kind<StepOf<'claim'>> = {
  phase: 'preparing',
  describe({ undoes, pending, service, revision }) {
    if (undoes) return 'take the fence for the rollback';
    return pending ? `claim ${service} for revision ${revision}` : `claim ${service}`;
  },
  summary({ undoes, pending, service, revision }) {
    if (undoes) return `${service}, for the rollback`;
    return pending ? `${service} for revision ${revision}` : service;
  },
};
