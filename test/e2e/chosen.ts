import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { projectRoot } from '../../testbed/root';

/**
 * Faults of real parts take seconds each, so that a run has some of them, and each commit others. BELAY_KILL_SEED repeats
 * the choice of a run; `all` leaves nothing out.
 */
export const killSeed = process.env.BELAY_KILL_SEED || commit() || new Date().toISOString().slice(0, 10);

/** Returns one case of each group, by the seed, or all cases if the seed says so. The order stays. */
export function chosen<T>(cases: T[], groupOf: (one: T) => string, seed = killSeed): T[] {
  if (seed === 'all') return cases;
  const groups = [...new Set(cases.map(groupOf))];
  const picked = groups.map((group) => {
    const members = cases.filter((one) => groupOf(one) === group);
    return members[numberOf(`${seed} ${group}`) % members.length];
  });
  return cases.filter((one) => picked.includes(one));
}

/** Returns one of each two neighbours, by the seed, or all cases if the seed says so. */
export function oneOfTwo<T>(cases: T[], seed = killSeed): T[] {
  const numbered = cases.map((one, index) => ({ one, pair: `${Math.floor(index / 2)}` }));
  return chosen(numbered, ({ pair }) => pair, seed).map(({ one }) => one);
}

/** A number that a text gives, below 2^32. */
export const numberOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE();

/** Undefined where these files are no clone. */
function commit(): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: projectRoot,
      stdio: 'pipe',
      encoding: 'utf8',
    }).trim();
  } catch {
    return undefined;
  }
}
