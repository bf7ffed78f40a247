import type { DesiredService } from '../spec/desired';

/** A client stays with one instance. */
export const isSticky = ({ fronts = [] }: Pick<DesiredService, 'fronts'>): boolean =>
  fronts.some(({ routes }) => routes.some(({ sticky }) => sticky !== undefined));

/** A client whose instance goes is led to another: to one that goes too, where not all new ones are there before. */
export function stickyWarnings(desired: Pick<DesiredService, 'fronts' | 'strategy' | 'instances'>): string[] {
  const { strategy, instances } = desired;
  const surge = strategy.kind === 'rolling' ? strategy.surge : strategy.kind === 'canary' ? 0 : instances;
  if (!isSticky(desired) || surge >= instances) return [];
  return [
    `sticky: not all new instances are in traffic before the first old one goes. So a client may lose its instance more than once; strategy: { kind: rolling, surge: 100% } lets each lose it once`,
  ];
}
