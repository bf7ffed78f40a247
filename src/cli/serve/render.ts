import { localTime } from '../render/time';
import type { Colors } from '../terminal';
import type { ServeState } from './state';

/** Where everything is. Pure. */
export function renderServe({ pid, address, ui, specs, log, readySince }: ServeState, colors: Colors): string {
  const rows = [
    ['Temporal', address],
    ['Web UI', ui],
    ['worker', `for ${specs}`],
    ['process', `${pid}${readySince ? `, since ${localTime(readySince)}` : ''}`],
    ...(log ? [['log', log]] : []),
  ];
  return rows.map(([name, value]) => `${colors.bold(name!.padEnd(8))}  ${value}`).join('\n');
}
