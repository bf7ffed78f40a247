import Table from 'cli-table3';

const borders = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
];
const none = Object.fromEntries(borders.map((name) => [name, '']));

/** Prints rows in columns, two spaces apart, without lines around them. Pure. */
export function table({ head, rows, right = [] }: { head?: string[]; rows: string[][]; right?: number[] }): string[] {
  const width = Math.max(0, head?.length ?? 0, ...rows.map((row) => row.length));
  const made = new Table({
    chars: none,
    ...(head && { head }),
    colAligns: Array.from({ length: width }, (_, index) => (right.includes(index) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  made.push(...rows);
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
