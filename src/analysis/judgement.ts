/** Which change of a metric is a fault of the new version. */
export type Direction = 'increase' | 'decrease' | 'either';

/** How far the new version is from the old one, as one number. */
export interface Effect {
  kind: 'mean-ratio' | 'cles' | 'rate-ratio';
  value: number;
}

export interface Judgement {
  metric: string;
  outcome: 'pass' | 'high' | 'low' | 'no-data' | 'inconclusive';
  critical: boolean;
  /** Values, or requests, of the new version and of the old one. */
  n: { canary: number; baseline: number };
  /** Null if it has no value, such as a ratio to a mean of 0. */
  effect: Effect | null;
  /** The shift and its interval, if two samples were compared. */
  shift: { estimate: number; low: number; high: number } | null;
  /** Errors of the new version and of the old one, and the chance of such a difference, if rates were compared. */
  errors: { canary: number; baseline: number; chance: number } | null;
  /** One sentence for people. */
  sentence: string;
}

/** Fewer values than this on a side prove nothing: with 98 % confidence 4 against 4 cannot differ enough. */
export const fewest = 5;

/** What a judgement says before anything was compared. */
export const nothingYet = { effect: null, shift: null, errors: null };

/** Returns why two sides of these sizes cannot be compared, or null. */
export function shortage(
  metric: string,
  n: Judgement['n'],
  unit: string,
): Pick<Judgement, 'outcome' | 'sentence'> | null {
  const counts = `${n.canary} ${unit} from the new version, ${n.baseline} from the old one`;
  if (n.canary === 0 || n.baseline === 0) return { outcome: 'no-data', sentence: `${metric} has no data: ${counts}` };
  if (n.canary >= fewest && n.baseline >= fewest) return null;
  return { outcome: 'inconclusive', sentence: `${metric} has too few ${unit}: ${counts}; each needs ${fewest}` };
}

/** Three significant digits, without trailing zeros. */
export const shown = (value: number): string => String(Number(value.toPrecision(3)));

/** Percent of a confidence or a share. */
export const percent = (share: number): string => `${shown(100 * share)} %`;
