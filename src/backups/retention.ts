import type { Manifest } from './manifest';

export interface Retention {
  /** How many of the latest stay. */
  keep: number;
  /** Milliseconds after which a backup goes, even if it is one of the latest. Absent: no limit. */
  keepFor?: number;
}

/**
 * The backups to remove, oldest first. Pure. The newest one and the newest verified one always stay, and so do those in
 * use: a restore has read or made them, and is not forgotten. Backups of what restores replaced are counted for themselves.
 */
export function expired(
  backups: Manifest[],
  { keep, keepFor = Number.POSITIVE_INFINITY }: Retention,
  { now, inUse = [] }: { now: number; inUse?: string[] },
): Manifest[] {
  const newestFirst = [...backups].sort((a, b) => (a.id < b.id ? 1 : -1));
  const regular = newestFirst.filter((one) => one.replacedBy === undefined);
  const replaced = newestFirst.filter((one) => one.replacedBy !== undefined);
  const stays = new Set([regular[0]?.id, regular.find((one) => one.verified)?.id, ...inUse]);
  const latest = new Set([...regular.slice(0, keep), ...replaced.slice(0, keep)]);
  const isOld = ({ started }: Manifest) => now - Date.parse(started) > keepFor;
  return newestFirst.filter((one) => !stays.has(one.id) && (isOld(one) || !latest.has(one))).reverse();
}
