import type { DesiredStrategy } from './counted';

/** All that is known of a kind of strategy beside its steps. `S` is what users write, `D` has its percentages counted. */
export interface StrategyKind<S, D extends DesiredStrategy> {
  counted(strategy: S, instances: number): D;
  /** The most instances above the requested number during a release. */
  extra(strategy: S, instances: number): number;
  /** New instances in traffic before the first old one goes. */
  ahead(strategy: D, instances: number): number;
  /** Old and new instances run at the same time. */
  overlaps: boolean;
  /** A need at the proxies: shares of the traffic, or one switch for all of it. */
  asks?: 'shares' | 'switch';
  /** The strategy of a rollback: nobody is asked, and nothing is tried on a few. Absent: the same. */
  back?(strategy: D, instances: number): DesiredStrategy;
  /** The hint where a backend has too few servers. `lines` says how to add some. */
  remedy(lines: string): string;
}
