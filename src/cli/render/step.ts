import { span } from '../../model/quantities';
import type { StepState } from '../../model/status';
import type { StepRow } from '../steps';
import type { Colors } from '../terminal';

export const marks: Record<StepState, string> = {
  waiting: '·',
  running: '▶',
  done: '✓',
  failed: '✗',
  skipped: '↷',
  cancelled: '–',
  unreachable: '?',
};

const paints: Record<StepState, keyof Colors> = {
  waiting: 'dim',
  running: 'cyan',
  done: 'green',
  failed: 'red',
  skipped: 'yellow',
  cancelled: 'yellow',
  unreachable: 'yellow',
};

/** Returns a mark in the colour of its state. */
export function paintedMark(state: StepState, colors: Colors, mark = marks[state]): string {
  return (colors[paints[state]] as (text: string) => string)(mark);
}

/** Prints one step on one line: mark, number, service, title, time, and note. Pure; `now` in milliseconds. */
export function stepLine(row: StepRow, { colors, now, mark }: { colors: Colors; now: number; mark?: string }): string {
  const time = elapsed(row, now);
  const said = [time, saying(row)].filter((text) => text !== '').join('  ');
  return `${paintedMark(row.state, colors, mark)} ${row.number.padStart(3)}  ${row.service}  ${row.text}${said && `  ${colors.dim(said)}`}`;
}

/** Returns the seconds of a step until its end, or until now; empty before its start. */
export function elapsed({ startedAt, endedAt }: Pick<StepRow, 'startedAt' | 'endedAt'>, now: number): string {
  if (startedAt === undefined) return '';
  return span((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt));
}

/** Returns the reason of a failure, or another end, and the step's note; the outcome shows the hint. */
function saying({ state, note, failure }: StepRow): string {
  if (failure) return failure.message.split('\n')[0]!;
  const ended = state === 'skipped' || state === 'cancelled' ? state : '';
  return [ended, note].filter(Boolean).join(': ');
}
