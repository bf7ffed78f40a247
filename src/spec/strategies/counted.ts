import type { ClientMatch } from './match';

/** A strategy with percentages counted; times in milliseconds. */
export type DesiredStrategy =
  | { kind: 'rolling'; surge: number; unavailable: number; pause_after?: number }
  | { kind: 'blue-green'; warm: number }
  | { kind: 'canary'; steps: CanaryStep[]; match?: ClientMatch; baseline?: boolean }
  | { kind: 'recreate' }
  | { kind: 'in-place' }
  | { kind: 'job' };
export type StrategyKind = DesiredStrategy['kind'];
export type StrategyOf<K extends StrategyKind> = Extract<DesiredStrategy, { kind: K }>;

export interface CanaryStep {
  /** Percent of the traffic, of clients that nobody chose; 0 with `match` alone. */
  weight: number;
  soak: number;
  approve: boolean;
}
