import type { DesiredService, FrontRoute } from '../model/desired';
import { strategyKind } from '../spec/strategies';

/** True if a route keeps a client with one instance. */
export const isSticky = ({ fronts = [] }: Pick<DesiredService, 'fronts'>): boolean =>
  fronts.some(({ routes }) => routes.some(({ sticky }) => sticky !== undefined));

/**
 * Returns a warning if a client may lose its instance more than once. This happens when old instances leave before all
 * new ones are in traffic.
 */
export function stickyWarnings(desired: Pick<DesiredService, 'fronts' | 'strategy' | 'instances'>): string[] {
  const { fronts = [], strategy, instances } = desired;
  const routes = fronts.flatMap((front) => front.routes);
  if (routes.some(({ sticky }) => sticky === 'source')) return [byAddress(routes)];
  if (!isSticky(desired) || strategyKind(strategy.kind).ahead(strategy, instances) >= instances) return [];
  return [
    'sticky: not all new instances are in traffic before the first old one goes. So a client may lose its instance more than once; strategy: { kind: rolling, surge: 100% } lets each lose it once',
  ];
}

/** Each new instance takes a share of all addresses, whatever the strategy. */
function byAddress(routes: FrontRoute[]): string {
  const words =
    'sticky: source: each new instance takes over a share of all addresses. So a client may lose its instance more than once';
  const canTell = routes.every(({ protocol }) => protocol !== 'tcp');
  return canTell ? `${words}; sticky: cookie lets it keep its instance until that one goes` : words;
}
