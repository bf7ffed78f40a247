import Table from 'cli-table3';

/** A figure and its upper limit. */
export interface Goal {
  what: string;
  is: number;
  most: number;
  unit?: string;
}

/** Returns all goals as a table, with their result. */
export function goalsTable(goals: Goal[]): string {
  const table = new Table({ head: ['', 'is', 'at most', ''] });
  for (const { what, is, most, unit = '' } of goals)
    table.push([what, `${Number(is.toFixed(3))}${unit}`, `${most}${unit}`, is <= most ? '' : 'not reached']);
  return table.toString();
}
