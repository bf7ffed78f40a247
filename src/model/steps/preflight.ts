import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** The host meets the requirements, and the service's needs answer. */
export const preflight: Kind<StepOf<'preflight'>> = {
  phase: 'preparing',
  skippable: true,
  describe: ({ external }) =>
    external
      ? `check host, ports, proxy and needs (${[...new Set(external.map(({ kind }) => kind))].join(', ')})`
      : 'check host, ports and proxy',
  longest: ({ external }) => Math.max(0, ...(external ?? []).map(({ within }) => within)) + 5 * minute,
};
