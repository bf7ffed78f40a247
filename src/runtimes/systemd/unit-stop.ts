import type { SourceFacts } from '../runtime';
import { timespan } from './timespan';
import { type UnitLine, valueOf } from './unit-lines';
import { signalName } from './unit-state';

/** systemd kills by itself at TimeoutStopSec; Belay waits a little longer before it does, in milliseconds. */
const longer = 2_000;

/** Belay's own time for a stop of a unit that systemd never kills, in milliseconds. */
export const endlessGrace = 30_000;

/** How a unit stops. `usual`: the host's DefaultTimeoutStopSec. Pure. */
export function unitStop(lines: UnitLine[], usual: number): SourceFacts['stop'] {
  const time = stopTime(lines, usual);
  return { signal: stopSignal(lines), grace: Number.isFinite(time) ? time + longer : endlessGrace };
}

/** Milliseconds after which systemd kills the unit; Infinity for never. Pure. */
export const stopTime = (lines: UnitLine[], usual: number): number =>
  stopTimes(lines).findLast(({ time }) => time !== undefined)?.time ?? usual;

/** Times that systemd cannot read, and so passes over. Pure. */
export const unreadTimes = (lines: UnitLine[]): string[] =>
  stopTimes(lines).flatMap(({ value, time }) => (time === undefined ? [value] : []));

/** 0 stands for no limit. */
const stopTimes = (lines: UnitLine[]) =>
  lines
    .filter(({ section, name }) => section === 'Service' && /^Timeout(Stop)?Sec$/.test(name))
    .map(({ value }) => {
      const time = timespan(value);
      return { value, time: time === 0 ? Number.POSITIVE_INFINITY : time };
    });

function stopSignal(lines: UnitLine[]): string {
  const written = valueOf(lines, 'KillSignal') ?? 'SIGTERM';
  return /^\d+$/.test(written) ? signalName(Number(written)) : written.replace(/^(?!SIG)/, 'SIG');
}
