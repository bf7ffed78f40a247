import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { localTime } from '../../model/quantities';
import { specFile } from '../project';
import type { Colors } from '../terminal';
import type { ServeState } from './state';

/** Prints the addresses and files. */
export function renderServe({ pid, address, ui, specs, log, readySince }: ServeState, colors: Colors): string {
  const rows = [
    ['Temporal', address],
    ['Web UI', ui],
    ['worker', `for ${specs}${noProject(specs.split(delimiter))}`],
    ['process', `${pid}${readySince ? `, since ${localTime(readySince)}` : ''}`],
    ...(log ? [['log', log]] : []),
  ];
  return rows.map(([name, value]) => `${colors.bold(name!.padEnd(8))}  ${value}`).join('\n');
}

/** A missing project is no error: it may come later. */
function noProject(folders: string[]): string {
  const empty = folders.filter((folder) => ![folder, ...inside(folder)].some((one) => existsSync(join(one, specFile))));
  if (empty.length === 0) return '';
  const where = empty.length === folders.length ? 'there' : `in ${empty.join(', ')}`;
  return ` (no ${specFile} ${where} yet, nor one folder below; the worker finds one that comes)`;
}

function inside(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
