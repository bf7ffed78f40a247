import Table from 'cli-table3';
import type { Goal } from './goals';
import { median } from './timeline';
import type { Count, Run, Seen } from './unit-load';
import type { UnitFigures } from './units';

/** Returns a table for each scene: medians, and the range over the runs. */
export const unitTable = (figures: UnitFigures): string =>
  Object.entries(figures)
    .map(([scene, sides]) => `${scene}\n${sceneTable(sides)}`)
    .join('\n');

function sceneTable(sides: Record<string, Run[]>): string {
  const table = new Table({ head: ['', ...Object.keys(sides)] });
  for (const [phase, name] of [
    ['switch', 'switch'],
    ['back', 'rollback'],
  ] as const)
    for (const [what, cell] of Object.entries(cells))
      table.push([`${name}: ${what}`, ...Object.values(sides).map((runs) => cell(runs.map((run) => run[phase])))]);
  return table.toString();
}

const cells: Record<string, (seen: Seen[]) => string> = {
  'from command to end': (seen) => seconds(seen.map(({ wall }) => wall)),
  'longest gap in answers': (seen) => seconds(seen.map(({ gap }) => gap)),
  'failed, kept alive': (seen) => failed(seen.map(({ kept }) => kept)),
  'failed, new connections': (seen) => failed(seen.map(({ fresh }) => fresh)),
};

const seconds = (times: number[]): string => spread(times, (ms) => (ms / 1000).toFixed(2), ' s');

const failed = (counts: Count[]): string =>
  `${spread(counts.map((one) => one.failed))} of ${median(counts.map((one) => one.requests))}`;

/** Returns the median, and least and most if they differ from it. */
function spread(values: number[], write: (value: number) => string = String, suffix = ''): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(write);
  return least === most ? `${middle}${suffix}` : `${middle}${suffix} (${least}–${most})`;
}

/** Behind a proxy Belay loses nothing, there and back. */
export const unitGoals = ({ 'one unit': _, ...behind }: UnitFigures): Goal[] =>
  Object.entries(behind).map(([scene, { Belay }]) => ({
    what: `${scene}: failed requests`,
    is: lost(Belay!),
    most: 0,
  }));

const lost = (runs: Run[]): number =>
  runs.flatMap((run) => [run.switch, run.back]).reduce((sum, { kept, fresh }) => sum + kept.failed + fresh.failed, 0);
