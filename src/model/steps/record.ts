import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** The ledger has the revision's outcome, and the service's fence is released. */
export const record: Kind<StepOf<'record'>> = {
  phase: 'concluding',
  describe({ state, service, revision }) {
    if (!state) return `release the fence of ${service}`;
    if (state === 'pending') return `leave revision ${revision} pending`;
    return state === 'recorded' ? `record revision ${revision}` : `mark revision ${revision} abandoned`;
  },
  summary({ state, service, revision }) {
    if (!state) return `release the fence of ${service}`;
    return `${service}, revision ${revision}${state === 'recorded' ? '' : ` ${state}`}`;
  },
};
