import { localTime, sizeText, span, timeText } from '../../model/quantities';
import type { KeptBackup, KeptBackups, KeptThing } from '../backups/read';
import { hintLine } from '../format-error';
import type { Colors } from '../terminal';
import { table } from './table';

/** Prints the backups of each thing, the newest first, and what is wrong in its folder. Pure. */
export function renderKept({ platform, things }: KeptBackups, colors: Colors): string {
  if (things.length === 0)
    return `${platform}: belay.yaml names nothing to back up\n${hintLine('write backup: [{ postgres: {} }] into a service')}`;
  return things.map((one) => thingBlock(one, colors)).join('\n\n');
}

function thingBlock({ thing, place, row, backups, damaged, loose, figures }: KeptThing, colors: Colors): string {
  const rows = [...backups].reverse().map(rowOf);
  const [top = '', ...lines] = table({
    head: ['id', 'when', 'size', 'took', 'verified at', 'rows', ''],
    rows,
    right: [2, 5],
  });
  const { newestVerified } = figures;
  const wrong = [
    ...damaged.map((text) => `${colors.red('damaged')}: ${text}`),
    ...(loose.length > 0 ? [`cut off, or being made: ${loose.join(', ')}`] : []),
    ...(backups.length > 0 && newestVerified === undefined ? ['none was ever verified: belay drill --restore'] : []),
  ];
  return [
    `${colors.bold(thing)}, in ${place}: ${row}`,
    ...(rows.length > 0 ? [colors.dim(top), ...lines] : ['no backup yet']),
    ...(newestVerified === undefined ? [] : [`the newest verified one is ${timeText(newestVerified * 1000)} old`]),
    ...wrong,
  ].join('\n');
}

const rowOf = ({ id, started, ended, bytes, verified, encrypted, replacedBy }: KeptBackup): string[] => [
  id,
  localTime(started),
  sizeText(bytes.stored),
  span(Date.parse(ended) - Date.parse(started)),
  verified ? `${localTime(verified.at)}, in ${span(verified.seconds * 1000)}` : 'no',
  verified ? String(verified.rows) : '',
  [...(encrypted ? ['encrypted'] : []), ...(replacedBy ? ['what a restore replaced'] : [])].join(', '),
];
