const units: Record<string, number> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  month: 2_629_800_000,
  y: 31_557_600_000,
};

/** The longest time that a step waits for a unit whose own time has no limit, in milliseconds. */
const forever = 24 * 3_600_000;

/** Milliseconds of a time as systemd writes it: `1min 30s`. Pure. */
export function timespan(text: string): number {
  if (text === 'infinity') return forever;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|min|h|d|w|month|y)\b/g)];
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0));
}
