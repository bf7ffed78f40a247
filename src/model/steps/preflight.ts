import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** Whether the host is fit, and what the service needs answers. */
export const preflight: Kind<StepOf<'preflight'>> = {
  phase: 'preparing',
  skippable: true,
  describe: ({ external }) =>
    external
      ? `check engine, ports, proxy and what it needs (${[...new Set(external.map(({ kind }) => kind))].join(', ')})`
      : 'check engine, ports and proxy',
  longest: ({ external }) => Math.max(0, ...(external ?? []).map(({ within }) => within)) + 5 * minute,
};
