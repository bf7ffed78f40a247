import Table from 'cli-table3';

/** What a figure is to be at most. */
export interface Goal {
  what: string;
  is: number;
  most: number;
  unit?: string;
}

/** All that was to be reached, and whether it was. */
export function goalsTable(goals: Goal[]): string {
  const table = new Table({ head: ['', 'is', 'at most', ''] });
  for (const { what, is, most, unit = '' } of goals)
    table.push([what, `${Number(is.toFixed(3))}${unit}`, `${most}${unit}`, is <= most ? '' : 'not reached']);
  return table.toString();
}
