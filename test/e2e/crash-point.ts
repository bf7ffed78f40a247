import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type Way = 'forward' | 'undo';

/** A moment in a worker's life: around an effect, or between an activity's end and the report of it. */
export interface CrashPoint {
  kind: 'effect' | 'activity';
  /** An effect's id, or an activity's name. */
  id: string;
  when: 'before' | 'within' | 'after';
  /** Milliseconds between the beginning of an effect and a death within it. */
  delay?: number;
  way: Way;
  /** The end of the step's id, if there are several steps of the kind. */
  step?: string;
  /** The service, if there are several. */
  service?: string;
  /** With SIGSTOP it stands still there, until its machine ends. SIGKILL where absent. */
  signal?: 'SIGSTOP';
}

export const pointsIn = (folder: string) => join(folder, 'crash-points.json');
export const markersIn = (folder: string) => join(folder, 'crashed.jsonl');

/** The worker that comes by one of these points dies there, once at each. */
export function arm(folder: string, ...points: CrashPoint[]): void {
  rmSync(markersIn(folder), { force: true });
  writeFileSync(pointsIn(folder), JSON.stringify(points));
}

/** Returns the points at which workers have died since the arming, one after the other. */
export function crashesIn(folder: string): CrashPoint[] {
  if (!existsSync(markersIn(folder))) return [];
  return crashesOf(readFileSync(markersIn(folder), 'utf8'));
}

export const crashesOf = (markers: string): CrashPoint[] =>
  markers
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as CrashPoint);

/**
 * Kills the worker at this moment if this is one of the points, and no worker has died there before. The worker calls
 * it at every moment.
 */
export function dieAt(folder: string, here: CrashPoint & { step: string }): void {
  if (!existsSync(pointsIn(folder))) return;
  const points = JSON.parse(readFileSync(pointsIn(folder), 'utf8')) as CrashPoint[];
  const before = crashesIn(folder);
  const point = points.find((one) => isAt(here, one) && !before.some((crash) => isAt(crash, one)));
  if (!point) return;
  const die = () => {
    leaveMarker(markersIn(folder), `${JSON.stringify(here)}\n`);
    process.kill(process.pid, point.signal ?? 'SIGKILL');
  };
  if (point.delay === undefined) die();
  else setTimeout(die, point.delay);
}

/** Returns true if a worker that died there has died at the point. */
export const isAt = (there: CrashPoint, point: CrashPoint): boolean =>
  there.kind === point.kind &&
  there.id === point.id &&
  there.when === point.when &&
  there.way === point.way &&
  there.step!.endsWith(point.step ?? '') &&
  there.step!.startsWith(point.service ? `${point.service}/` : '');

/** On the disk before the process is gone. */
function leaveMarker(file: string, line: string): void {
  const descriptor = openSync(file, 'a');
  writeSync(descriptor, line);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

export const wayOf = (step: string): Way => (step.includes('/undo/') ? 'undo' : 'forward');

export const titleOf = (points: CrashPoint[]): string =>
  points.map(({ id, when, step, delay }) => `${delay ? `${delay} ms ` : ''}${when} ${step ?? id}`).join(', ');
