import type { Manifest } from './manifest';

/** How much time a loss would cost, in seconds; absent figures have nothing to be taken from. */
export interface RecoveryFigures {
  /** RPO: the age of the data in the newest backup. */
  newest?: number;
  /** The age of the data in the newest backup that was restored and asked. */
  newestVerified?: number;
  /** The longest time between two backups in a row. */
  longestGap?: number;
  /** RTO: the time that the last verification took, from an empty instance to its answer. */
  restore?: number;
}

/** The figures of the backups of one thing. Pure. */
export function recoveryFigures(backups: Manifest[], now: number): RecoveryFigures {
  const regular = backups.filter((one) => one.replacedBy === undefined).sort((a, b) => (a.id < b.id ? -1 : 1));
  const age = (one?: Manifest) => one && (now - Date.parse(one.started)) / 1000;
  const gaps = regular.slice(1).map((one, at) => (Date.parse(one.started) - Date.parse(regular[at]!.started)) / 1000);
  const verified = regular.filter((one) => one.verified);
  const last = [...verified].sort((a, b) => (a.verified!.at < b.verified!.at ? -1 : 1)).at(-1);
  return {
    newest: age(regular.at(-1)),
    newestVerified: age(verified.at(-1)),
    longestGap: gaps.length > 0 ? Math.max(...gaps) : undefined,
    restore: last?.verified?.seconds,
  };
}
