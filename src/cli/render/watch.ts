import type { WatchState } from '../../client/watches';
import { localTime } from '../../model/quantities';
import { hintLine } from '../format-error';
import type { Colors } from '../terminal';
import type { Watch } from '../watches';

/** Returns what a watch does, or how it has ended. Pure. */
export function renderWatch(workflowId: string, state: WatchState, colors: Colors): string {
  const { open, rollback, text, failed } = state;
  if (rollback) return [`${workflowId} waits for ${rollback}`, hintLine(`belay status ${rollback}`)].join('\n');
  if (open) return `${workflowId} goes on measuring`;
  const hint = failed?.hint ? [hintLine(failed.hint)] : [];
  return [`${mark(state, colors)} ${failed?.message ?? text}`, ...hint].join('\n');
}

/** Returns a watch in the words of the release that has started it, and the command that shows it. Pure. */
export function renderReleaseWatch({ tests, command, ...state }: Watch, colors: Colors): string {
  const { open, rollback, outcome, text, failed } = state;
  const times = tests.map(({ name, until }) => `${name} until ${localTime(until)}`).join(', ');
  const measuring = rollback
    ? `its watch found it bad, and waits for ${rollback}`
    : `a watch goes on measuring: ${times}`;
  const ended = `${mark(state, colors)} its watch ended${outcome ? ` as ${outcome}` : ''}: ${failed?.message ?? text}`;
  return [open ? measuring : ended, hintLine(command)].join('\n');
}

const mark = ({ outcome, failed }: WatchState, colors: Colors): string =>
  failed || outcome === 'reverted' || outcome === 'cancelled' ? colors.red('✗') : colors.green('✓');
