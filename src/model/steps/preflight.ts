import type { DesiredNeed } from '../desired';
import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** The host meets the requirements, and the service's needs answer. */
export const preflight: Kind<StepOf<'preflight'>> = {
  phase: 'preparing',
  skippable: true,
  describe: ({ external }) =>
    external ? `check host, ports, proxy and needs (${kindsOf(external)})` : 'check host, ports and proxy',
  summary: ({ service, external }) =>
    `${service}: host, ports, proxy${external ? ` and needs (${kindsOf(external)})` : ''}`,
  longest: ({ external, requires = [] }) =>
    Math.max(0, ...(external ?? []).map(({ within }) => within)) +
    (requires.some(({ condition }) => condition === 'healthy') ? longestStart : 0) +
    5 * minute,
};

/** Milliseconds that a required service may be starting; most often the engine decides much earlier. */
export const longestStart = 30 * minute;

const kindsOf = (external: DesiredNeed[]): string => [...new Set(external.map(({ kind }) => kind))].join(', ');
