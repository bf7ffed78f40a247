import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type Way = 'forward' | 'undo';

/** A moment in a worker's life: around an effect, or between an activity's end and the report of it. */
export interface CrashPoint {
  kind: 'effect' | 'activity';
  /** An effect's id, or an activity's name. */
  id: string;
  when: 'before' | 'after';
  way: Way;
  /** What the step's id ends with, where several steps of a kind are there. */
  step?: string;
}

const pointIn = (folder: string) => join(folder, 'crash-point.json');
const markerIn = (folder: string) => join(folder, 'crashed.json');

/** The next worker that comes by this point dies there; only the first one does. */
export function arm(folder: string, point: CrashPoint): void {
  rmSync(markerIn(folder), { force: true });
  writeFileSync(pointIn(folder), JSON.stringify(point));
}

/** Where a worker has died since it was armed. */
export function crashedAt(folder: string): CrashPoint | undefined {
  return existsSync(markerIn(folder)) ? (JSON.parse(readFileSync(markerIn(folder), 'utf8')) as CrashPoint) : undefined;
}

/** To be called by the worker at every moment: dies there if this is the one, and nobody has died before. */
export function dieAt(folder: string, here: CrashPoint & { step: string }): void {
  if (!existsSync(pointIn(folder)) || existsSync(markerIn(folder))) return;
  const point = JSON.parse(readFileSync(pointIn(folder), 'utf8')) as CrashPoint;
  const same = point.kind === here.kind && point.id === here.id && point.when === here.when && point.way === here.way;
  if (!same || !here.step.endsWith(point.step ?? '')) return;
  leaveMarker(markerIn(folder), JSON.stringify(here));
  process.kill(process.pid, 'SIGKILL');
}

/** On the disk before the process is gone. */
function leaveMarker(file: string, text: string): void {
  const descriptor = openSync(file, 'wx');
  writeSync(descriptor, text);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

export const wayOf = (step: string): Way => (step.includes('/undo/') ? 'undo' : 'forward');
