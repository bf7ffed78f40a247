const factors: Array<[names: string, milliseconds: number]> = [
  ['us usec µs μs', 0.001],
  ['ms msec', 1],
  ['s sec second seconds', 1_000],
  ['m min minute minutes', 60_000],
  ['h hr hour hours', 3_600_000],
  ['d day days', 86_400_000],
  ['w week weeks', 604_800_000],
  ['M month months', 2_629_800_000],
  ['y year years', 31_557_600_000],
];
const units = new Map(factors.flatMap(([names, factor]) => names.split(' ').map((name) => [name, factor])));

const part = /(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-zµμ]*)\s*/y;

/**
 * Milliseconds of a time as in systemd.time(7): `2 min`, `1min 30s`, `90`, which are seconds. Infinity for `infinity`,
 * undefined for text that is no time. Pure.
 */
export function timespan(text: string): number | undefined {
  const rest = text.trim();
  if (rest === 'infinity') return Number.POSITIVE_INFINITY;
  let sum: number | undefined;
  part.lastIndex = 0;
  while (part.lastIndex < rest.length) {
    const [, count, unit] = part.exec(rest) ?? [];
    const factor = units.get(unit || 's');
    if (count === undefined || factor === undefined) return undefined;
    sum = (sum ?? 0) + Number(count) * factor;
  }
  return sum === undefined ? undefined : Math.round(sum);
}
